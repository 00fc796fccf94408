/** A worker that does what its argument says, without a server; for supervisor.test.ts. */
import { createMetrics } from "@tally/shared";
import type { FromWorker, ToWorker } from "../processes/state.ts";

const [, behaviour = "", number = ""] = /^--worker=(\w+)\/(\d+)$/.exec(Bun.argv.at(-1) ?? "") ?? [];
const send = (message: FromWorker): void => void process.send?.(message);
const health = { isReady: number === "1", reason: null, isStopping: false, keys: null };
const metrics = createMetrics("ingest");
metrics.ingest_processes.set(1);
metrics.ingest_events_accepted_total.inc(10);

process.on("message", (message: ToWorker) => {
  if (message.kind !== "tell" || behaviour === "hangs") return;
  const { id } = message;
  void metrics.snapshot().then((snapshot) => {
    send({ kind: "state", id, state: { health, metrics: snapshot } });
    if (behaviour === "ends") setTimeout(() => process.exit(4), 20);
  });
});
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => {
  if (behaviour !== "stubborn") process.exit(0);
});

if (behaviour === "refuses") {
  send({ kind: "failed", code: "config_invalid", message: "Cannot listen: the test says so" });
  process.exit(1);
}
if (behaviour === "crashes") process.exit(3);
send({ kind: "listening", url: "http://here" });
