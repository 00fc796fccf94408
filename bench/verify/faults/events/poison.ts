/** Records that can't become rows, put into the topic by another producer. */
import { REJECTED_HEADERS } from "@tally/shared";
import { connectProducer, type OutgoingRecord, type Producer } from "@tally/shared/kafka";

import { readCost } from "../../../system/cost.ts";
import type { System } from "../../../system/system.ts";
import type { Fault, Trial } from "../../fault.ts";
import { readLag } from "../../judgement/quiet.ts";

const PRODUCER = {
  lingerMs: 1,
  messageTimeoutMs: 20_000,
  queueRecordsMax: 100_000,
  queueBytesMax: 256 * 1024 * 1024,
  compression: "lz4",
  connectTimeoutMs: 5000,
  recordBytesMax: 8 * 1024 * 1024,
} as const;

/** Opens a producer that writes to Kafka without ingest. */
export async function otherProducer({ stack }: System): Promise<Producer> {
  return connectProducer({ bootstrapServers: stack.kafka.bootstrapServers }, PRODUCER);
}

/** Publishes records. @returns The place of each in the log. */
export function publishAll(
  producer: Producer,
  topic: string,
  records: readonly OutgoingRecord[],
): Promise<{ partition: number; offset: number }[]> {
  const places: { partition: number; offset: number }[] = [];
  return new Promise((resolve, reject) => {
    if (records.length === 0) resolve(places);
    producer.produceBatch(topic, records, (_, outcome) => {
      if (outcome instanceof Error) reject(outcome);
      else places.push({ partition: outcome.partition, offset: Number(outcome.offset) });
      if (places.length === records.length) resolve(places);
    });
  });
}

const MEBIBYTE = 1024 * 1024;
const event = (changes: object): string =>
  JSON.stringify({ sessionId: "s", eventType: "t", payload: 1, ...changes });

/** Each kind of value that can't become a row. */
const UNSTORABLE: readonly (() => Buffer | null)[] = [
  () => Buffer.from("not JSON"),
  () => null,
  () => Buffer.from(event({ sessionId: 7 })),
  () => Buffer.from(event({ eventType: "" })),
  () => Buffer.from(event({ payload: "nul \u0000" })),
  () => Buffer.from(event({ eventId: "spaces are wrong" })),
  () => Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  () => Buffer.alloc(0),
];

const REJECTED = [
  { key: REJECTED_HEADERS.code, value: Buffer.from("event_too_complex") },
  { key: REJECTED_HEADERS.pointer, value: Buffer.from("/payload") },
];

/** Large records that can't become rows, sent once each. */
const LARGE: readonly (() => Buffer)[] = [
  () => Buffer.from(event({ payload: "x".repeat(5 * MEBIBYTE) })),
  () => Buffer.from(`${"[".repeat(20_000)}${"]".repeat(20_000)}`),
];

export const unstorableRecords: Fault = {
  name: "poison",
  title: "records that can't become rows, 1 in 1,000 and full batches",
  isShort: true,
  async run(trial) {
    const { system, clock } = trial;
    const [processor] = system.processors;
    const producer = await otherProducer(system);
    try {
      // The same backlog twice, without and with such records; a new process drains it.
      const plain = await drainBacklog(trial, null);
      const mixed = await drainBacklog(trial, producer);
      if (plain === null || mixed === null) return trial.repaired();
      await injectBatch(trial, producer);
      trial.repaired();
      demandLittleWork(trial, plain, mixed);
      const published = "processor_dead_letters_unpublished";
      const isPublished = await clock.eventually(
        async () => (await trial.watch.now(processor, published)) === 0,
        30_000,
      );
      trial.demand("every dead letter reached the DLQ topic", isPublished);
    } finally {
      await producer.disconnect(5000);
    }
  },
};

/** What it took to drain a backlog. */
interface Work {
  readonly records: number;
  /** Batches written as rows. */
  readonly writes: number;
  /** Writes that failed and were repeated. */
  readonly errors: number;
  /** CPU time of the processor and of its sessions in PostgreSQL, ms. */
  readonly cpuMs: number;
}

const WRITES = 'processor_write_seconds_count{sink="postgres"}';
const DRAIN_MS_MAX = 120_000;

/**
 * Above half of the normal rate means at most twice the work for a record. The work is counted: a
 * rate would depend on what else the machine does.
 */
function demandLittleWork({ demand }: Trial, plain: Work, mixed: Work): void {
  const perThousand = (which: "writes" | "cpuMs", { records, [which]: value }: Work) =>
    (value * 1000) / records;
  for (const [which, name] of [
    ["writes", "writes"],
    ["cpuMs", "ms of CPU"],
  ] as const) {
    const [normal, poisoned] = [perThousand(which, plain), perThousand(which, mixed)];
    demand(
      `at most twice the ${name} per 1,000 records (${poisoned.toFixed(1)}, normally ${normal.toFixed(1)})`,
      poisoned <= 2 * normal,
    );
  }
  demand(`no write failed and was repeated (${mixed.errors})`, mixed.errors === 0);
}

/**
 * Fills the log while no processor runs, and lets a new process drain it.
 *
 * @returns Null when it does not end: the processor may have ended instead.
 */
async function drainBacklog(trial: Trial, producer: Producer | null): Promise<Work | null> {
  const { system, watch, clock, note, demand } = trial;
  const [processor] = system.processors;
  await processor.stop();
  const seconds = trial.isShort ? 3 : 6;
  const load = trial.load({ eventsPerSecond: 12_000, seconds, batchEvents: 200 });
  if (producer !== null) await inject(trial, producer, seconds);
  await load.done;
  const lag = (await readLag(system))?.postgres ?? 0;
  note(`a backlog of ${lag}${producer === null ? "" : " with poison"}`);
  await processor.start();
  const startedCpuUs = await cpuUsOf(trial);
  const isDrained = async () => (await readLag(system))?.postgres === 0;
  if (!(await clock.eventually(isDrained, DRAIN_MS_MAX))) {
    demand("the backlog is drained", false);
    return null;
  }
  const cpuUs = await cpuUsOf(trial);
  return {
    records: lag,
    writes: await watch.now(processor, WRITES),
    errors: await watch.now(processor, "processor_write_errors_total"),
    cpuMs: (cpuUs - startedCpuUs) / 1000,
  };
}

/** CPU time of the processor since its start, and of its sessions in PostgreSQL. */
async function cpuUsOf({ system: { sql, database, processors } }: Trial): Promise<number> {
  const sessions = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity
    where datname = current_database() and usename = ${database.role}`;
  const own = await readCost(processors[0].pid);
  // A session may have ended a moment ago.
  const others = await Promise.all(sessions.map(({ pid }) => readCost(pid).catch(() => null)));
  return others.reduce((sum, cost) => sum + (cost?.cpuUs ?? 0), own.cpuUs);
}

/** Adds one poison record per thousand, spread over the time of the load. */
async function inject(trial: Trial, producer: Producer, seconds: number): Promise<void> {
  const { system, random, injected, hadEffect, nowMs } = trial;
  let count = 0;
  for (let round = 0; round < seconds * 4; round += 1) {
    const records = Array.from({ length: 3 }, () => unstorableRecord(random, nowMs()));
    const unstorable = await publishAll(producer, system.topic, records);
    injected({ unstorable });
    count += unstorable.length;
    await Bun.sleep(250);
  }
  hadEffect("poison records among the load", count, 10);
}

/** Adds a full batch of poison records, with the large ones. */
async function injectBatch(trial: Trial, producer: Producer): Promise<void> {
  const { system, random, injected, hadEffect } = trial;
  const timestampMs = trial.nowMs();
  const records = [
    ...Array.from({ length: 1500 }, () => unstorableRecord(random, timestampMs)),
    ...LARGE.map((make) => ({ key: null, value: make(), timestampMs })),
  ];
  const unstorable = await publishAll(producer, system.topic, records);
  injected({ unstorable });
  hadEffect("poison records in full batches", unstorable.length, 1000);
}

function unstorableRecord(random: () => number, timestampMs: number): OutgoingRecord {
  const key = Buffer.from(`poison-${Math.floor(random() * 1000)}`);
  const make = UNSTORABLE[Math.floor(random() * (UNSTORABLE.length + 1))];
  // One kind more: an event that would be a row, but for the header of a rejection.
  if (make === undefined)
    return { key, value: Buffer.from(event({})), timestampMs, headers: REJECTED };
  return { key, value: make(), timestampMs };
}
