/** What the machine can do without Tally, measured in the same run as Tally's own figures. */
import { join } from "node:path";

import { runProgram, startProgram } from "../../driver/program.ts";
import type { System } from "../../system/system.ts";
import type { Bench } from "../figure.ts";
import type { BareServerReport } from "./bare_server.ts";
import type { RawConsumeOrder, RawConsumeOutcome } from "./raw_consume.ts";
import type { RawProduceOrder, RawProduceOutcome } from "./raw_produce.ts";
import type { SenderOrder } from "./sender.ts";
import { runSender } from "./traffic.ts";

/** Sends to a server that only answers. @returns Requests per second. */
export async function bareRequests(
  bench: Bench,
  load: Pick<SenderOrder, "seconds" | "batchEvents" | "connections" | "eventsPerSecond">,
): Promise<number> {
  const server = startProgram<null, BareServerReport>(entryOf("bare_server"), null, bench.env);
  try {
    const { url } = await server.first;
    const order = { url, run: bench.newName(), first: 0, ...load };
    const { requests, elapsedMs } = await runSender(bench, order);
    return (requests * 1000) / elapsedMs;
  } finally {
    await server.kill();
  }
}

/** Fills a topic with the Kafka client alone. @returns Records per second. */
export async function rawProduce(
  bench: Bench,
  order: Omit<RawProduceOrder, "bootstrapServers">,
): Promise<number> {
  const { bootstrapServers } = bench.stack.kafka;
  const outcome = await runProgram<RawProduceOrder, RawProduceOutcome>(
    entryOf("raw_produce"),
    { bootstrapServers, ...order },
    bench.env,
  );
  if (outcome.acknowledged !== order.count) {
    throw new Error(`Cannot fill the log: ${outcome.acknowledged} of ${order.count} records`);
  }
  return (outcome.acknowledged * 1000) / outcome.elapsedMs;
}

/** Reads a whole topic with the Kafka client alone. @returns Records per second. */
export async function rawConsume(
  bench: Bench,
  order: { readonly topic: string; readonly count: number },
): Promise<number> {
  const { bootstrapServers } = bench.stack.kafka;
  const { records, elapsedMs } = await runProgram<RawConsumeOrder, RawConsumeOutcome>(
    entryOf("raw_consume"),
    { bootstrapServers, group: `raw-${bench.newName()}`, ...order },
    bench.env,
  );
  return (records * 1000) / elapsedMs;
}

function entryOf(program: string): string {
  return join(import.meta.dir, `${program}.ts`);
}

/**
 * Lets PostgreSQL copy the rows of a system to a file and from there into a second table like the
 * first, with the same indexes. The server reads and writes the file itself.
 *
 * @returns Rows per second of the second copy.
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
