/**
 * A backlog that lies in the log, and how fast one processor takes it: rows
 * alone, then rows and archive. Beside them the limits on the same records.
 */
import { runIds } from "../load_event.ts";
import { findDifferences, ledgerOf, type Sent } from "./counted.ts";
import { readCost } from "./cost.ts";
import { limitFigure, lowFigure, type Bench, type Family, type Round } from "./figure.ts";
import { rawConsume, rawProduce, serverCopy } from "./limits.ts";
import { createLog, onSite, startReady, type Site } from "./site.ts";
import { linesToWaitFor, untilStored, type Stored } from "./stored.ts";

const MEGABYTE = 1_000_000;
const RECORDS = { quick: 300_000, full: 1_000_000 };

export const DRAIN: Family = {
  name: "drain",
  title: "a prepared backlog: Kafka → rows, Kafka → rows and archive",
  figures: [
    limitFigure("raw-produce", "Kafka client alone, produce", "events/s"),
    limitFigure("raw-consume", "Kafka client alone, consume", "events/s"),
    limitFigure("copy", "PostgreSQL's own COPY of the same rows", "events/s"),
    {
      name: "drain-rows",
      title: "drain Kafka → rows",
      unit: "events/s",
      isHigherBetter: true,
      target: 100_000,
      limit: { figure: "copy", ratioMin: 0.8 },
    },
    {
      name: "drain-archive",
      title: "drain Kafka → rows and archive",
      unit: "events/s",
      isHigherBetter: true,
      target: 75_000,
      limit: { figure: "raw-consume", ratioMin: 0.45 },
    },
    lowFigure("rows-cpu", "CPU an event, processor, rows", { unit: "µs", target: 7 }),
    lowFigure("archive-cpu", "CPU an event, processor, archive", { unit: "µs", target: 4 }),
    lowFigure("rows-memory", "memory, processor, drain of rows, peak", { unit: "MB", target: 300 }),
    lowFigure("archive-memory", "memory, processor, drain of both, peak", {
      unit: "MB",
      target: 300,
    }),
    lowFigure("archive-memory-end", "memory, processor, drain of both, end", {
      unit: "MB",
      target: null,
    }),
  ],
  run: drainBacklog,
};

async function drainBacklog(bench: Bench): Promise<Round> {
  const count = bench.isQuick ? RECORDS.quick : RECORDS.full;
  const run = bench.newName();
  const topic = await createLog(bench, `bench-${run}`);
  const sent: Sent = {
    ids: runIds(run),
    ledger: ledgerOf([["accepted", 0, count]]),
    startedAtMs: bench.nowMs(),
  };
  bench.onNote("filling the log");
  const produced = await rawProduce(bench, { topic, run, count });
  bench.onNote("reading the log");
  const consumed = await rawConsume(bench, { topic, count });
  const rowsOnly = { topic, env: { S3_ENABLED: "false" } };
  const [rows, copied] = await onSite(bench, rowsOnly, async (site) => {
    bench.onNote("drain to rows");
    const drained = await drain(bench, site, { sent, withArchive: false });
    bench.onNote("PostgreSQL's COPY of these rows");
    return [drained, await serverCopy(bench, site)] as const;
  });
  const both = await onSite(bench, { topic }, async (site) => {
    bench.onNote("drain to rows and archive");
    const drained = await drain(bench, site, { sent, withArchive: true });
    await site.admin.deleteTopics([topic, `${topic}.DLQ`]);
    return drained;
  });
  return {
    values: {
      "raw-produce": produced,
      "raw-consume": consumed,
      copy: copied,
      "drain-rows": rows.eventsPerSecond,
      "drain-archive": both.eventsPerSecond,
      "rows-cpu": rows.cpuUs,
      "archive-cpu": both.cpuUs - rows.cpuUs,
      "rows-memory": rows.bytesMax / MEGABYTE,
      "archive-memory": both.bytesMax / MEGABYTE,
      "archive-memory-end": both.bytesEnd / MEGABYTE,
    },
    problems: [...rows.problems, ...both.problems],
    sizes: { records: count },
  };
}

/** What one drain came to. */
export interface Drained {
  readonly eventsPerSecond: number;
  /** CPU of the processor, an event. */
  readonly cpuUs: number;
  readonly bytesMax: number;
  readonly bytesEnd: number;
  readonly problems: readonly string[];
}

/**
 * Starts the processor before its backlog and waits until it is gone. Measured is from the first
 * rows seen to the last: what a start takes is not in it, what a cold process takes is.
 */
export async function drain(
  bench: Bench,
  site: Site,
  { sent, withArchive }: { readonly sent: Sent; readonly withArchive: boolean },
): Promise<Drained> {
  const count = sent.ledger.total;
  const [processor] = site.processors;
  if (processor === undefined) throw new Error("Cannot drain: the site has no processor");
  const reached = (stored: Stored) => (withArchive ? stored.lines : stored.rows);
  const enough = withArchive ? linesToWaitFor(count) : count;
  await startReady([processor]);
  const first = await untilStored(site, (stored) => reached(stored) > 0);
  const costFirst = await readCost(processor.pid);
  const last = await untilStored(site, (stored) => reached(stored) >= enough);
  const costLast = await readCost(processor.pid);
  // A stop closes the open objects: every row has its line then.
  const bytes = { bytesMax: costLast.residentBytesMax, bytesEnd: costLast.residentBytes };
  await untilStored(site, ({ rows }) => rows >= count);
  await processor.stop();
  const events = reached(last) - reached(first);
  return {
    eventsPerSecond: (events * 1000) / (last.atMs - first.atMs),
    cpuUs: (costLast.cpuUs - costFirst.cpuUs) / events,
    ...bytes,
    problems: await findDifferences(site, [sent], { withArchive, nowMs: bench.nowMs }),
  };
}
