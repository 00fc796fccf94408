/** The range of time that the page looks at, as the parameter `range` of its address. Pure. */

/** Ranges that end now, shortest first, and how each is said. */
export const RANGE_WORDS = {
  "30m": "Last 30 minutes",
  "1h": "Last hour",
  hour: "This hour",
  "24h": "Last 24 hours",
  day: "Today",
  "7d": "Last 7 days",
  "28d": "Last 28 days",
  "91d": "Last 91 days",
  "6mo": "Last 6 months",
  "12mo": "Last 12 months",
} as const;

export type RangeWord = keyof typeof RANGE_WORDS;

/** Two times, the second excluded, ms since 1970; chosen by dragging over a chart. */
export interface FixedRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export type Range = RangeWord | FixedRange;

export const DEFAULT_RANGE: RangeWord = "30m";

/** @returns Null when the text is no range. */
export function readRange(text: string): Range | null {
  if (isRangeWord(text)) return text;
  const [from, to, ...rest] = text.split("..");
  if (from === undefined || to === undefined || rest.length > 0) return null;
  const range = { fromMs: Date.parse(from), toMs: Date.parse(to) };
  return range.fromMs < range.toMs ? range : null;
}

/** A range within a sentence: "all events of the last hour". */
export function rangeInSentence(range: Range): string {
  if (typeof range !== "string") return "the range that you chose";
  const words = RANGE_WORDS[range].toLowerCase();
  return words.startsWith("last ") ? `the ${words}` : words;
}

/** The inverse of `readRange`. */
export function writeRange(range: Range): string {
  return typeof range === "string" ? range : `${iso(range.fromMs)}..${iso(range.toMs)}`;
}

export function isRangeWord(text: string): text is RangeWord {
  return Object.hasOwn(RANGE_WORDS, text);
}

/** UTC; without the fraction when it is 0. */
export function iso(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
