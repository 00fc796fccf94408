/**
 * Offsets without a record: another producer's transactions leave markers and aborted
 * records in the log, thousands a second, and a marker at its end.
 */
import { connectTransactions, type Transactions } from "@tally/shared/kafka/testing";

import { firstFrame } from "../../../driver/frames.ts";
import { OBJECT_AGE_MS, PARTITIONS, type System } from "../../../system/system.ts";
import { sentJson } from "../../sending/events.ts";
import type { Fault, Trial } from "../../fault.ts";
import type { Load } from "../../sending/load.ts";
import { readLag, untilQuiet, type Lag } from "../../judgement/quiet.ts";
import { demandNoStalls, withReason } from "../demands.ts";

/** Each waits for the broker most of the time. */
const PRODUCERS = 6;
/** Records of a transaction; an aborted one is a hole of this length and its marker. */
const RECORDS_MAX = 3;
/** Per second of the clock. A second fetch for each hole takes 10 ms or more: a hundred at most. */
const HOLES_PER_SECOND_MIN = 1000;
const DRAIN_MS_MAX = 60_000;
/** Longest time to write them: a loaded machine takes a while. */
const WRITE_MS_MAX = 60_000;
const FRAME_MS_MAX = 10_000;

export const holesInTheLog: Fault = {
  name: "holes",
  title: "another producer's transactions, committed and aborted, and a marker at the end",
  isShort: true,
  async run(trial) {
    const { system } = trial;
    const [processor] = system.processors;
    const producers = await openProducers(system);
    try {
      const first = trial.load({ seconds: 2 });
      await first.done;
      const known = await acknowledgedOf(first);
      const load = trial.load();
      const few = { known, holesMax: trial.isShort ? 500 : 1000 };
      const live = await writeHoles(trial, producers, few);
      await load.stop();
      await untilQuiet(system);
      await processor.stop();
      const many = { known, holesMax: trial.isShort ? 2500 : 5000 };
      const backlog = await writeHoles(trial, producers, many);
      trial.hadEffect("holes under load", live.holes, 100);
      trial.hadEffect("holes in a backlog", backlog.holes, 2000);
      await processor.start();
      await demandDrained(trial, backlog.holes);
      trial.repaired();
      await demandNoLag(trial);
      demandNoStalls(trial);
    } finally {
      await Promise.all(producers.map((producer) => producer.close()));
    }
  },
};

function openProducers({ stack, topic, id }: System): Promise<Transactions[]> {
  const { bootstrapServers } = stack.kafka;
  return Promise.all(
    Array.from({ length: PRODUCERS }, (_, number) =>
      connectTransactions(bootstrapServers, { topic, id: `${id}-${number}` }),
    ),
  );
}

/** Events that are acknowledged already: the other producer repeats them. */
interface Known {
  readonly load: Load;
  readonly numbers: readonly number[];
}

async function acknowledgedOf(load: Load): Promise<Known> {
  const journal = await load.journal();
  const all = Array.from({ length: journal.total }, (_, number) => number);
  return { load, numbers: all.filter((number) => journal.timesAccepted(number) > 0) };
}

interface Writing {
  readonly known: Known;
  readonly holesMax: number;
}

/**
 * Writes transactions until there are enough holes, the last of each producer an aborted one in
 * every partition: then no partition ends with a record.
 *
 * @returns How many holes it made: markers, and runs of aborted records with their marker.
 */
async function writeHoles(trial: Trial, producers: readonly Transactions[], writing: Writing) {
  const { known, holesMax } = writing;
  const endMs = trial.clock.nowMs() + WRITE_MS_MAX;
  const counts = { holes: 0, offsets: 0, repeats: 0 };
  const write = async (producer: Transactions): Promise<void> => {
    for (let isLast = false; !isLast;) {
      isLast = counts.holes >= holesMax || trial.clock.nowMs() > endMs;
      const outcome = isLast || trial.random() < 0.5 ? "abort" : "commit";
      const records = recordsOf(trial, known, isLast ? 1 : RECORDS_MAX);
      await producer.run(records, outcome);
      counts.holes += PARTITIONS;
      counts.offsets += PARTITIONS + (outcome === "abort" ? records.length : 0);
      counts.repeats += outcome === "abort" ? 0 : records.length;
    }
  };
  await Promise.all(producers.map(write));
  trial.injected({ holes: counts.offsets, repeats: counts.repeats });
  return counts;
}

/** Records for every partition, so that a transaction leaves a marker in each. */
function recordsOf({ random }: Trial, { load, numbers }: Known, recordsMax: number) {
  return Array.from({ length: PARTITIONS }, (_, partition) => partition).flatMap((partition) =>
    Array.from({ length: 1 + Math.floor(random() * recordsMax) }, () => {
      const number = numbers[Math.floor(random() * numbers.length)] ?? 0;
      const value = Buffer.from(sentJson(load.order.run, number));
      return { partition, key: `elsewhere-${number}`, value };
    }),
  );
}

/** Both sinks go through the backlog fast. The archive also waits for its last object's age. */
async function demandDrained({ system, clock, demand }: Trial, holes: number): Promise<void> {
  const lag = async () => (await readLag(system)) ?? ({ postgres: 1, archive: 1 } as Lag);
  const before = await lag();
  await clock.eventually(async () => (await lag()).postgres < before.postgres, DRAIN_MS_MAX);
  const startedMs = clock.nowMs();
  for (const [sink, waitMs] of [
    ["postgres", 0],
    ["archive", OBJECT_AGE_MS],
  ] as const) {
    await clock.eventually(async () => (await lag())[sink] === 0, DRAIN_MS_MAX);
    const rate = Math.round((holes * 1000) / Math.max(1, clock.nowMs() - startedMs - waitMs));
    demand(`${sink} goes through ${rate} holes a second`, rate >= HOLES_PER_SECOND_MIN);
  }
}

/** A marker at the end is no lag, and nothing is alarmed. */
async function demandNoLag({ system, clock, demand }: Trial): Promise<void> {
  const [{ url }] = system.processors;
  const idle = await firstFrame(url, clock.timeout(FRAME_MS_MAX), ({ lag, partitions }) => {
    const lags = partitions.map(({ archiveLag }) => archiveLag);
    return lag === 0 && lags.every((each) => each === 0);
  });
  const { frame } = idle;
  demand(withReason("a frame shows no lag in rows and archive", idle), frame !== null);
  demand("nothing is called lost", frame?.lostRecords === 0);
  const near = frame?.partitions.filter(({ nearsRetention }) => nearsRetention.length > 0) ?? [];
  demand("no partition nears the retention", near.length === 0);
}
