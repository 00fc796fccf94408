/** What questions cost: answered from counts, from rows, and beside writers. */
import { percentile } from "@tally/shared";

import { startReady } from "../../system/service.ts";
import { servicesOf, type System } from "../../system/system.ts";
import { lowFigure, type Bench, type Family, type Figure, type Round } from "../figure.ts";
import { settleAndCompare } from "../measure/counted.ts";
import { onSystem } from "../measure/on_system.ts";
import { ask, askWithoutPause, type Question } from "../measure/question.ts";
import { fillQuestionRows } from "../measure/question_rows.ts";
import { latenciesBetween, readLatencies } from "../measure/row_latency.ts";
import { createTraffic, type Traffic } from "../measure/traffic.ts";
import { median } from "../results/statistics.ts";

const ROWS = {
  tiny: { inRange: 2000, before: 4000 },
  quick: { inRange: 200_000, before: 400_000 },
  full: { inRange: 5_000_000, before: 25_000_000 },
};
/** Each question is asked this often; the median counts. */
const TIMES = 3;
const LOAD = { eventsPerSecond: 20_000, batchEvents: 500, connections: 8 };
const LOAD_SECONDS = { tiny: 1, quick: 8, full: 20 };
/** Loads without and with questions, in turn. */
const PAIRS = { tiny: 1, quick: 2, full: 4 };

interface Asked {
  readonly name: string;
  readonly title: string;
  readonly targetMs: number | null;
  readonly question: Question;
}

const LAST_28_DAYS = { metrics: ["events"], date_range: "28d" };

const FROM_COUNTS: readonly Asked[] = [
  {
    name: "counts-month-hour-type",
    title: "30 days by hour and type, from counts",
    targetMs: 100,
    question: query({
      metrics: ["events"],
      date_range: "30d",
      dimensions: ["time:hour", "event:name"],
    }),
  },
  {
    name: "counts-year-day",
    title: "12 months by day, from counts",
    targetMs: 100,
    question: query({
      metrics: ["events"],
      date_range: "12mo",
      dimensions: ["time:day"],
    }),
  },
  {
    name: "counts-year-day-type",
    title: "12 months by day and type, from counts",
    targetMs: 300,
    question: query({
      metrics: ["events"],
      date_range: "12mo",
      dimensions: ["time:day", "event:name"],
    }),
  },
  {
    name: "counts-all-month",
    title: "all by month, from counts",
    targetMs: 100,
    question: query({
      metrics: ["events"],
      date_range: "all",
      dimensions: ["time:month"],
    }),
  },
];

const FROM_ROWS: readonly Asked[] = [
  {
    name: "rows-top",
    title: "top 100 of a property, from rows",
    targetMs: 4000,
    question: query({
      ...LAST_28_DAYS,
      dimensions: ["event:page"],
      pagination: { limit: 100 },
    }),
  },
  {
    name: "rows-sessions",
    title: "sessions by day, from rows",
    targetMs: 4000,
    question: query({
      ...LAST_28_DAYS,
      metrics: ["sessions"],
      dimensions: ["time:day"],
    }),
  },
  {
    name: "rows-p95",
    title: "95th percentile of a property by day, from rows",
    targetMs: null,
    question: query({
      ...LAST_28_DAYS,
      metrics: ["p95:event:props:price"],
      dimensions: ["time:day"],
    }),
  },
  {
    name: "rows-funnel",
    title: "funnel of three steps, from rows",
    targetMs: 5000,
    question: {
      path: "/api/v2/funnel",
      body: {
        date_range: "28d",
        window: "1h",
        steps: ["page_view", "type_11", "type_12"].map((type) => ["is", "event:name", [type]]),
      },
    },
  },
];

export const QUESTIONS: Family = {
  name: "questions",
  title: "questions over rows of 28 days in a table of a year, and beside 20,000 events/s",
  figures: [
    ...[...FROM_COUNTS, ...FROM_ROWS].map(({ name, title, targetMs }) =>
      lowFigure(name, title, { unit: "ms", target: targetMs }),
    ),
    times("beside-elapsed", "sending beside two questions without pause, against without", 1.02),
    times("beside-row-p99", "accept → row p99 beside them, against without", 1.5),
  ],
  run: askQuestions,
};

function query(body: object): Question {
  return { path: "/api/v2/query", body };
}

function times(name: string, title: string, target: number): Figure {
  return lowFigure(name, title, { unit: "times", target });
}

async function askQuestions(bench: Bench): Promise<Round> {
  const rows = ROWS[bench.size];
  return await onSystem(bench, {}, async (system) => {
    await startReady(servicesOf(system));
    const traffic = createTraffic(bench, system);
    // A first event makes the log known, which the rows name.
    await traffic.send({ ...LOAD, eventsPerSecond: 0, batchEvents: 1, seconds: 1 });
    await fillQuestionRows(system, rows, bench.onNote);
    const values: Record<string, number> = {};
    for (const { name, title, question } of [...FROM_COUNTS, ...FROM_ROWS]) {
      bench.onNote(title);
      const took: number[] = [];
      for (let time = 0; time < TIMES; time += 1) {
        const tookMs = await ask(system, question);
        if (tookMs !== null) took.push(tookMs);
      }
      // A question that is refused for its width has no time: the figure is "not measured".
      if (took.length === TIMES) values[name] = median(took);
    }
    Object.assign(values, await compareWriters(bench, system, traffic));
    return {
      values,
      problems: await settleAndCompare(bench, system, [traffic.sent()]),
      sizes: { ...rows, eventsPerSecond: LOAD.eventsPerSecond, pairs: PAIRS[bench.size] },
    };
  });
}

/** The same load without and with two questions at a time, in pairs. */
async function compareWriters(
  bench: Bench,
  system: System,
  traffic: Traffic,
): Promise<Record<string, number>> {
  const load = { ...LOAD, seconds: LOAD_SECONDS[bench.size] };
  const measure = async () => {
    const before = await readLatencies(system);
    const { elapsedMs } = await traffic.send(load);
    const latencies = latenciesBetween(before, await readLatencies(system));
    return { elapsedMs, p99Ms: percentile(latencies, 0.99) ?? Number.NaN };
  };
  await traffic.send(load);
  const pairs = [];
  for (let pair = 1; pair <= PAIRS[bench.size]; pair += 1) {
    bench.onNote(`${LOAD.eventsPerSecond} events per second beside questions, pair ${pair}`);
    const without = await measure();
    const questions = FROM_ROWS.map(({ question }) => question);
    const asking = askWithoutPause(system, [questions.slice(0, 2), questions.slice(2)]);
    const beside = await measure();
    await asking.stop();
    pairs.push({ without, beside });
  }
  return {
    "beside-elapsed": median(
      pairs.map(({ without, beside }) => beside.elapsedMs / without.elapsedMs),
    ),
    "beside-row-p99": median(pairs.map(({ without, beside }) => beside.p99Ms / without.p99Ms)),
  };
}
