/** The quota of one key among three real processes, over their real channel to the supervisor. */
import { eventually, silentLog } from "@tally/shared";
import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { BURST_SECONDS } from "../quotas/key_quota.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";

const WORKER = join(import.meta.dir, "../testing/quota_worker.ts");
const PER_SECOND = 100;
/** What a worker takes at a time; one taking may overdraw the bucket. */
const EVENTS = 5;
const PROCESSES = 3;
/** Long enough that what the rate gives counts beside the burst. */
const MS_MIN = 3000;
/** How long a busy machine may take for it. */
const WAIT_MS_MAX = 40_000;
const TEST_MS_MAX = 60_000;

const running: Supervisor[] = [];
afterEach(async () => {
  for (const supervisor of running.splice(0)) await supervisor.stop();
});

async function start() {
  const startedMs = performance.now();
  const supervisor = createSupervisor({
    processes: PROCESSES,
    command: (worker) => [
      process.execPath,
      WORKER,
      `--worker=${PER_SECOND}/${worker}/${PROCESSES}`,
    ],
    env: Bun.env,
    stopMsMax: 5000,
    log: silentLog(),
    now: () => performance.now(),
    onLoop: () => undefined,
  });
  running.push(supervisor);
  await supervisor.start();
  // The bucket is full when the first worker asks, which is before this.
  const listeningMs = performance.now();
  /** Events taken by all, and the most and the least that they may be by then. */
  const read = async () => {
    const beforeMs = performance.now() - listeningMs;
    const { metrics } = await supervisor.read();
    const afterMs = performance.now() - startedMs;
    const taken = Number(/^ingest_events_accepted_total (.*)$/m.exec(metrics)?.[1]);
    const quotaAt = (ms: number) => PER_SECOND * (BURST_SECONDS + ms / 1000);
    return { taken, most: quotaAt(afterMs), least: quotaAt(beforeMs) * 0.9, ms: beforeMs };
  };
  return read;
}

test(
  "three processes stay within the quota of a key together, and can use 90 % of it",
  async () => {
    const read = await start();
    const reads = [await read()];

    // A machine that is busy delays what is taken, and takes nothing of it away.
    const isUsed = await eventually(async () => {
      const now = await read();
      reads.push(now);
      return now.ms >= MS_MIN && now.taken >= now.least;
    }, WAIT_MS_MAX);

    expect(isUsed).toBe(true);
    for (const { taken, most } of reads) expect(taken).toBeLessThanOrEqual(most + EVENTS);
  },
  TEST_MS_MAX,
);
