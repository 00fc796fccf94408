/** What an answer says of itself, in words. Pure. */
import { formatCount, formatTime, plural } from "../panels/format.ts";
import type { Meta } from "./question.ts";

export interface AboutOptions {
  readonly nowMs: number;
  readonly zone: string;
  /** Whether the answer is exact; a funnel says it in one word. */
  readonly isExact: boolean;
}

type Told = Pick<Meta, "source" | "complete_up_to" | "rows_read" | "late_events" | "took_ms">;

export interface Sentence {
  readonly text: string;
  /** Its time in UTC. */
  readonly hover?: string;
}

/** Most important first. */
export function aboutAnswer(meta: Told, options: AboutOptions): readonly Sentence[] {
  const { nowMs, zone, isExact } = options;
  const exact = isExact
    ? "Exact: every event is counted, none is sampled."
    : "Not exact: more than 1,000 types are in the range, and too many rows to read instead.";
  const complete =
    meta.complete_up_to === null
      ? "Up to when it is complete is not known now."
      : `Complete up to ${formatTime(Date.parse(meta.complete_up_to), { nowMs, zone })}: every event accepted before is in it.`;
  const source =
    meta.source === "counts" && meta.rows_read === 0
      ? `From counts, no row was read, in ${formatCount(meta.took_ms)} ms.`
      : `From ${plural(meta.rows_read, "row")}, in ${formatCount(meta.took_ms)} ms.`;
  const late =
    meta.late_events === 0
      ? []
      : [`Late by a minute or more: ${plural(meta.late_events, "event")} of the range.`];
  const utc = meta.complete_up_to?.replace("T", " ").replace("Z", " UTC");
  return [
    { text: exact },
    { text: complete, ...(utc === undefined ? {} : { hover: utc }) },
    ...[source, ...late].map((text) => ({ text })),
  ];
}
