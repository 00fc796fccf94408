/**
 * A backlog in the log, and how fast one processor works it off: only rows, then
 * rows and archive. The limits are measured on the same records.
 */
import { MEGABYTE } from "../../system/cost.ts";
import { createTopics } from "../../system/system.ts";
import { highFigure, lowFigure, type Bench, type Family, type Round } from "../figure.ts";
import { drainAndCount } from "../measure/drained.ts";
import { fillLog } from "../measure/filled_log.ts";
import { rawConsume, serverCopy } from "../measure/limits.ts";
import { onSystem } from "../measure/on_system.ts";

const RECORDS = { tiny: 100_000, quick: 300_000, full: 600_000 };

export const DRAIN: Family = {
  name: "drain",
  title: "a prepared backlog: Kafka → rows, Kafka → rows and archive",
  figures: [
    highFigure("raw-produce", "Kafka client alone, produce", { unit: "events/s" }),
    highFigure("raw-consume", "Kafka client alone, consume", { unit: "events/s" }),
    highFigure("copy", "PostgreSQL's own COPY of the same rows", { unit: "events/s" }),
    highFigure("drain-rows", "drain Kafka → rows", {
      unit: "events/s",
      target: 100_000,
      limit: { figure: "copy", ratioMin: 0.8 },
    }),
    highFigure("drain-archive", "drain Kafka → rows and archive", {
      unit: "events/s",
      target: 75_000,
      limit: { figure: "raw-consume", ratioMin: 0.45 },
    }),
    lowFigure("rows-cpu", "CPU per event, processor, rows", { unit: "µs", target: 7 }),
    lowFigure("archive-cpu", "CPU per event, processor, archive", { unit: "µs", target: 4 }),
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
  const count = RECORDS[bench.size];
  const topic = await createTopics(bench.stack, `bench-${bench.newName()}`);
  bench.onNote("filling the log");
  const { sent, recordsPerSecond: produced } = await fillLog(bench, { topic, count });
  bench.onNote("reading the log");
  const consumed = await rawConsume(bench, { topic, count });
  const rowsOnly = { topic, options: { S3_ENABLED: "false" } };
  const [rows, copied] = await onSystem(bench, rowsOnly, async (system) => {
    bench.onNote("drain to rows");
    const drained = await drainAndCount(bench, system, { sent, withArchive: false });
    bench.onNote("PostgreSQL's COPY of these rows");
    return [drained, await serverCopy(bench, system)] as const;
  });
  const both = await onSystem(bench, { topic }, async (system) => {
    bench.onNote("drain to rows and archive");
    const drained = await drainAndCount(bench, system, { sent, withArchive: true });
    await system.admin.deleteTopics([topic, `${topic}.DLQ`]);
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
