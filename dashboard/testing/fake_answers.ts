/** Test support: what a processor answers to the questions of the page, without a database. */
import type { CountsFrame } from "@tally/shared";
import { FAKE_START_MS } from "./fake_frame.ts";

/** Types and their events in each minute. */
export const FAKE_TYPES: Readonly<Record<string, number>> = {
  page_view: 60,
  click: 30,
  purchase: 5,
};

const EVENTS_A_MINUTE = Object.values(FAKE_TYPES).reduce((all, each) => all + each, 0);

/** The open minute, and the one before, of the time of a frame. */
export function fakeCounts(ts: string): CountsFrame {
  const openMs = Math.floor(Date.parse(ts) / 60_000) * 60_000;
  return {
    ts,
    completeUpTo: ts,
    minutes: [openMs - 60_000, openMs].map((ms) => ({
      minute: new Date(ms).toISOString(),
      events: EVENTS_A_MINUTE,
      types: FAKE_TYPES,
      other: 0,
    })),
  };
}

const META = {
  complete_up_to: new Date(FAKE_START_MS).toISOString(),
  source: "counts",
  exact: { events: true },
  rows_in_range: 1000,
  rows_read: 0,
  late_events: 0,
  total_rows: 3,
  took_ms: 4,
};

interface FakeQuestion {
  readonly dimensions?: readonly string[];
  readonly date_range: readonly [string, string];
}

type Row = readonly [values: readonly string[], events: number];

const row = (values: readonly string[], events: number): Row => [values, events];

/** One row for each value; every minute has the same events. */
export function fakeAnswer({ dimensions = [], date_range }: FakeQuestion): object {
  const minutes = (Date.parse(date_range[1]) - Date.parse(date_range[0])) / 60_000;
  const types = Object.entries(FAKE_TYPES);
  const rows = (): Row[] => {
    if (dimensions.length === 0) return [[[], minutes * EVENTS_A_MINUTE]];
    if (dimensions[0]?.startsWith("time") !== true) {
      return types.map(([name, events]) => [[name], events * minutes]);
    }
    const labels = Array.from({ length: Math.min(200, minutes) }, (_, index) =>
      new Date(Date.parse(date_range[0]) + index * 60_000).toISOString(),
    );
    return labels.flatMap((label) =>
      dimensions.length === 1
        ? [row([label], EVENTS_A_MINUTE)]
        : types.map(([name, events]) => row([label, name], events)),
    );
  };
  const results = rows().map(([values, events]) => ({
    dimensions: values,
    metrics: [events],
    comparison: { dimensions: values, metrics: [events / 2], change: [100] },
  }));
  return { results, meta: META, query: {} };
}
