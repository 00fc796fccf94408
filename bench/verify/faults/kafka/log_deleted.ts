/**
 * Kafka deletes records before they were read: a loss, which is reported everywhere
 * until an operator acknowledges it.
 */
import { join } from "node:path";

import { connectConsumer, type ConsumedRecord } from "@tally/shared/kafka";
import { deleteRecords } from "@tally/shared/kafka/testing";
import { runCommand, sleep, type MetricsFrame } from "@tally/shared";

import { firstFrame, type AwaitedFrame } from "../../../driver/frames.ts";
import type { System } from "../../../system/system.ts";
import { numberOfId, type RunOfEvents } from "../../sending/events.ts";
import { readHighWatermarks, readPositions } from "../../judgement/evidence.ts";
import type { Fault, LostRecord, Trial } from "../../fault.ts";
import { untilQuiet } from "../../judgement/quiet.ts";
import { untilFigure, withReason } from "../demands.ts";

/** Partitions that lose the first half of what waits in them. */
const PARTITIONS_HIT = 3;
const READ_MS_MAX = 30_000;
const COMMAND_MS_MAX = 60_000;
const NOTICED_MS_MAX = 10_000;
const LOG_LINE = "Kafka deleted records before they were read: they are lost.";

export const logDeleted: Fault = {
  name: "log-deleted",
  title: "records deleted from the log before they were read; the alarm before",
  isShort: true,
  async run(trial) {
    const { system } = trial;
    const [processor] = system.processors;
    if (trial.isShort) await trial.load({ seconds: 2 }).done;
    else await demandAlarm(trial);
    await untilQuiet(system);
    await processor.stop();
    const load = trial.load({ seconds: trial.isShort ? 2 : 5 });
    await load.done;
    const lost = await deleteUnread(trial, load.order.run);
    trial.injected({ lost });
    trial.hadEffect("records deleted before they were read", lost.length, 100);
    await demandAudit(trial, 1, "before a processor has come to the loss");
    await processor.start();
    await untilQuiet(system);
    await demandReported(trial, lost);
    await demandAudit(trial, 1, "until an operator acknowledges the loss");
    await acknowledge(trial);
    await demandAudit(trial, 0, "once an operator has acknowledged it");
    trial.repaired();
    const after = trial.load({ seconds: 2 });
    await after.done;
  },
};

/** How long records are kept while the alarm is awaited, ms. */
const KEPT_MS = 10_000;
const DELETE_EVERY_MS = 500;
/** After this long the deletions are known: half of what is kept has been deleted. */
const LEARN_MS = 1.5 * KEPT_MS;

/**
 * Kafka deletes all that is older than some seconds, as by a small `retention.bytes`, and then rows
 * can't be written: the alarm must come while nothing is lost.
 */
async function demandAlarm(trial: Trial): Promise<void> {
  const { system, clock, demand, hadEffect } = trial;
  const load = trial.load({ eventsPerSecond: 1000 });
  const deleting = startDeleting(system);
  await clock.sleep(LEARN_MS);
  const isNear = ({ partitions }: MetricsFrame) =>
    partitions.some(({ nearsRetention }) => nearsRetention.includes("postgres"));
  const calm = await frameWith(trial, () => true);
  const isCalm = calm.frame !== null && !isNear(calm.frame);
  demand(withReason("no alarm while nothing lags", calm), isCalm);
  await system.stack.postgres.stop();
  const alarm = await frameWith(trial, isNear, KEPT_MS);
  const deleted = await deleting.stop();
  hadEffect("records deleted after they were written", deleted.records, 1000);
  await system.stack.postgres.start();
  const positions = await readPositions(system);
  const isLost = positions.some(
    ({ sink, partition, nextOffset }) =>
      sink === "postgres" && nextOffset < (deleted.before.get(partition) ?? 0),
  );
  const isInTime = alarm.frame !== null && !isLost;
  demand(withReason("the retention alarm came before a loss", alarm), isInTime);
  await load.stop();
}

/** Deletes again and again what is older than `KEPT_MS`. */
function startDeleting({ admin, topic, stack }: System) {
  const stop = new AbortController();
  const looks: { readonly atMs: number; readonly ends: ReadonlyMap<number, number> }[] = [];
  const before = new Map<number, number>();
  // Records must not grow old at once while the machine stands still.
  let nowMs = 0;
  const deleteOld = async (): Promise<void> => {
    looks.push({ atMs: nowMs, ends: await readHighWatermarks({ admin, topic }) });
    const old = looks.findLast(({ atMs }) => nowMs - atMs >= KEPT_MS);
    for (const [partition, end] of old?.ends ?? []) {
      if (end <= (before.get(partition) ?? 0)) continue;
      before.set(partition, end);
      const { bootstrapServers } = stack.kafka;
      await deleteRecords(bootstrapServers, topic, { partition, before: BigInt(end) });
    }
  };
  const deleting = (async () => {
    while (!stop.signal.aborted) {
      const startedMs = performance.now();
      await deleteOld();
      await sleep(DELETE_EVERY_MS, stop.signal);
      nowMs += Math.min(performance.now() - startedMs, 2 * DELETE_EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      stop.abort();
      await deleting;
      const records = [...before.values()].reduce((sum, end) => sum + end, 0);
      return { records, before };
    },
  };
}

/** Deletes the first half of the unread records of some partitions. @returns Those records. */
async function deleteUnread(trial: Trial, run: RunOfEvents): Promise<LostRecord[]> {
  const { system } = trial;
  const positions = await readPositions(system);
  const ends = await readHighWatermarks(system);
  const lost: LostRecord[] = [];
  for (const { partition, nextOffset } of positions.filter(({ sink }) => sink === "postgres")) {
    if (partition >= PARTITIONS_HIT) continue;
    const before = Math.floor((nextOffset + (ends.get(partition) ?? 0)) / 2);
    for (const { offset, value } of await readRecords(trial, { partition, nextOffset, before })) {
      const { eventId } = JSON.parse(String(value)) as { eventId: string };
      lost.push({ partition, offset: Number(offset), number: numberOfId(run, eventId) });
    }
    const { bootstrapServers } = system.stack.kafka;
    await deleteRecords(bootstrapServers, system.topic, { partition, before: BigInt(before) });
  }
  return lost;
}

interface Unread {
  readonly partition: number;
  readonly nextOffset: number;
  readonly before: number;
}

/** Reads the records of a partition from its position up to, but without, an offset. */
async function readRecords(
  { system: { stack, topic, id }, clock, note }: Trial,
  { partition, nextOffset, before }: Unread,
): Promise<ConsumedRecord[]> {
  const consumer = await connectConsumer(
    { bootstrapServers: stack.kafka.bootstrapServers },
    {
      groupId: `${id}-deleted-${partition}`,
      topic,
      sessionTimeoutMs: 10_000,
      groupProtocol: "classic",
      fetch: { waitMs: 50, bytesMin: 1 },
      queuedRecordsMax: 16_000,
      queuedBytesMax: 4 * 1024 * 1024,
      consumeTimeoutMs: 50,
      onAssign: async () => new Map([[partition, BigInt(nextOffset)]]),
      onRevoke: async () => undefined,
      onOffsetOutOfRange: () => undefined,
      onStalled: () => undefined,
      onError: (error) => note(error.message),
    },
  );
  const records: ConsumedRecord[] = [];
  await clock.eventually(async () => {
    records.push(...(await consumer.consume(1000)));
    return records.length >= before - nextOffset;
  }, READ_MS_MAX);
  await consumer.disconnect(5000);
  return records.slice(0, before - nextOffset);
}

/** The loss stands in the log, in the metrics, in the frame and in the health. */
async function demandReported(trial: Trial, lost: readonly LostRecord[]): Promise<void> {
  const { system, demand, watch } = trial;
  const [processor] = system.processors;
  const linesOfLoss = async () =>
    (await Bun.file(processor.logPath).text()).split(LOG_LINE).length - 1;
  const lines = await untilFigure(PARTITIONS_HIT, linesOfLoss);
  demand(`the log names the loss once per partition (${lines})`, lines === PARTITIONS_HIT);
  const metric = (name: string) => untilFigure(lost.length, () => watch.now(processor, name));
  const counted = await metric("processor_lost_records_total");
  demand(`a metric counts ${lost.length} lost records (${counted})`, counted === lost.length);
  // The gauge is a figure of the frame, which is made once a second.
  const open = await metric("processor_unacknowledged_lost_records");
  demand(`a gauge shows them until they are acknowledged (${open})`, open === lost.length);
  const shown = await frameWith(trial, ({ lostRecords }) => lostRecords === lost.length);
  demand(withReason("the frame shows them", shown), shown.frame !== null);
  // The processor runs: without an answer the fault ends with the reason.
  const answer = await fetch(`${processor.url}/actuator/health`);
  const health = (await answer.json()) as { components?: Record<string, { status: string }> };
  const status = health.components?.["lostRecords"]?.status;
  demand(`the health warns (${answer.status} ${status})`, status === "WARNING");
}

async function acknowledge(trial: Trial): Promise<void> {
  const { demand } = trial;
  const words = ["acknowledge", "--yes", "--by", "verify", "--note", "deleted on purpose"];
  const { exitCode, text } = await command(trial, "positions", words);
  demand(`positions acknowledge ends well (${exitCode})`, exitCode === 0);
  demand("it says how many losses", text.includes(`Acknowledged: ${PARTITIONS_HIT} losses`));
  const shown = await frameWith(trial, ({ lostRecords }) => lostRecords === 0);
  demand(withReason("the frame shows no loss any more", shown), shown.frame !== null);
}

async function demandAudit(trial: Trial, wanted: 0 | 1, when: string): Promise<void> {
  const { exitCode, text } = await command(trial, "audit", []);
  const isNamed = wanted === 0 || text.includes("deleted before they were read");
  trial.demand(`audit exits with ${wanted} ${when} (${exitCode})`, exitCode === wanted && isNamed);
  if (exitCode !== wanted) trial.note(text.slice(-500));
}

/** Runs one of the users' commands. */
function command({ system }: Trial, name: "audit" | "positions", words: readonly string[]) {
  const entry = join(import.meta.dir, `../../../../processor/commands/${name}/main.ts`);
  const env = { ...system.env };
  return runCommand([process.execPath, entry, ...words], { env, msMax: COMMAND_MS_MAX });
}

function frameWith(
  { system, clock }: Trial,
  holds: (frame: MetricsFrame) => boolean,
  msMax = NOTICED_MS_MAX,
): Promise<AwaitedFrame> {
  const [{ url }] = system.processors;
  return firstFrame(url, clock.timeout(msMax), holds);
}
