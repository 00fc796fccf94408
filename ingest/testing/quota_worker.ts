/** A worker that only takes from the quota of one key, five events at a time. */
import { createMetrics, monotonicNow, sleep } from "@tally/shared";
import type { ToWorker } from "../processes/state.ts";
import { joinGroup } from "../processes/worker.ts";
import { LeasedQuotas } from "../quotas/leased_quotas.ts";

const [, perSecond = "", processes = ""] =
  /^--worker=(\d+)\/\d+\/(\d+)$/.exec(Bun.argv.at(-1) ?? "") ?? [];
const EVENTS = 5;
const KEY = { name: "shop", eventsPerSecond: Number(perSecond), bytesPerSecond: null };

const group = joinGroup(
  {
    send: (message) => void (process.connected && process.send?.(message)),
    onMessage: (handler) => void process.on("message", (message: ToWorker) => handler(message)),
    onGone: () => void process.on("disconnect", () => process.exit(0)),
  },
  Number(processes),
);
const metrics = createMetrics("ingest");
metrics.ingest_processes.set(1);
group.tellWith(async () => ({
  health: { isReady: true, reason: null, isStopping: false, keys: null },
  metrics: await metrics.snapshot(),
}));
process.on("SIGTERM", () => process.exit(0));
process.send?.({ kind: "listening", url: "http://here" });

const quotas = new LeasedQuotas({
  ask: group.lease,
  processes: group.processes,
  now: monotonicNow,
});
for (;;) {
  const verdict = await quotas.take(KEY, { events: EVENTS, bytes: 1 });
  if (verdict.kind === "taken") metrics.ingest_events_accepted_total.inc(EVENTS);
  // Messages of the supervisor come between two takings.
  await sleep(verdict.kind === "taken" ? 0 : 1);
}
