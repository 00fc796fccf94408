/** Long sentences as lines that fit a terminal. Pure. */

/** Width of wrapped text; chosen: the width of the source, and fits half of a wide screen. */
export const TEXT_WIDTH_MAX = 100;

/** Where the lines begin. */
export interface WrapOptions {
  /** Before the first line, for example `"  - "`. */
  readonly first?: string;
  /** Before the other lines; as many spaces as `first` is wide when left out. */
  readonly next?: string;
}

/** Wraps at spaces; a word that is too long for a line has a line of its own. */
export function wrapText(text: string, options: WrapOptions = {}): string {
  const { first = "" } = options;
  const { next = " ".repeat(first.length) } = options;
  const width = TEXT_WIDTH_MAX - Math.max(first.length, next.length);
  const lines = Bun.wrapAnsi(text, width, { hard: false }).split("\n");
  return lines.map((line, index) => `${index === 0 ? first : next}${line.trimEnd()}\n`).join("");
}
