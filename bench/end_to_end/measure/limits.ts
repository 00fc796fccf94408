/** What the machine can do without us, measured where and when our own figures are. */
import { join } from "node:path";

import type { Bench } from "../figure.ts";
import { firstJsonLine, runProgram } from "./program.ts";
import type { RawConsumeOrder, RawConsumeOutcome } from "./raw_consume.ts";
import type { RawProduceOrder, RawProduceOutcome } from "./raw_produce.ts";
import type { SenderOrder, SenderOutcome } from "./sender.ts";
import type { System } from "../../system/system.ts";

/** Sends to a server that only answers; gives requests/s. */
export async function bareRequests(
  bench: Bench,
  load: Pick<SenderOrder, "seconds" | "batchEvents" | "connections" | "eventsPerSecond">,
): Promise<number> {
  const server = Bun.spawn([process.execPath, join(import.meta.dir, "bare_server.ts")], {
    env: { ...bench.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    const { url } = await firstJsonLine<{ url: string }>(server.stdout);
    const order = { url: `${url}/events`, run: bench.newName(), first: 0, ...load };
    const { requests, elapsedMs } = await runProgram<SenderOrder, SenderOutcome>(
      bench,
      "sender",
      order,
    );
    return (requests * 1000) / elapsedMs;
  } finally {
    server.kill();
    await server.exited;
  }
}

/** Fills a topic by the client alone; gives records/s. */
export async function rawProduce(
  bench: Bench,
  order: { readonly topic: string; readonly run: string; readonly count: number },
): Promise<number> {
  const { bootstrapServers } = bench.stack.kafka;
  const outcome = await runProgram<RawProduceOrder, RawProduceOutcome>(bench, "raw_produce", {
    bootstrapServers,
    ...order,
  });
  if (outcome.acknowledged !== order.count) {
    throw new Error(`Cannot fill the log: ${outcome.acknowledged} of ${order.count} records`);
  }
  return (outcome.acknowledged * 1000) / outcome.elapsedMs;
}

/** Reads a whole topic by the client alone; gives records/s. */
export async function rawConsume(
  bench: Bench,
  order: { readonly topic: string; readonly count: number },
): Promise<number> {
  const { bootstrapServers } = bench.stack.kafka;
  const { records, elapsedMs } = await runProgram<RawConsumeOrder, RawConsumeOutcome>(
    bench,
    "raw_consume",
    { bootstrapServers, group: `raw-${bench.newName()}`, ...order },
  );
  return (records * 1000) / elapsedMs;
}

/**
 * Has PostgreSQL copy the rows of a system out to a file and into a second table like the first,
 * indexes and all; gives rows/s of the way in. Both files and the work are the server's own.
 */
export async function serverCopy(bench: Bench, { sql, id }: System): Promise<number> {
  const path = join(bench.stack.postgres.dataFolder, `${id}.copy`);
  await sql.unsafe(`copy web_events to '${path}'`);
  await sql.unsafe(`create table copied_events (like web_events including all)`);
  await sql.unsafe("checkpoint");
  const beganAt = performance.now();
  await sql.unsafe(`copy copied_events from '${path}'`);
  const elapsedMs = performance.now() - beganAt;
  const [{ rows }] = await sql<[{ rows: number }]>`
    select count(*)::integer as rows from copied_events`;
  await sql.unsafe("drop table copied_events");
  await Bun.file(path).delete();
  return (rows * 1000) / elapsedMs;
}
