/** The steps of `up` besides the servers: the builds, and the start of a service. */
import { eventually, type Env } from "@tally/shared";
import { join } from "node:path";

import { isDashboardStale } from "./dashboard_build.ts";
import { StackError } from "../machine/error.ts";
import type { Progress } from "@tally/shared/terminal/progress";
import { answersOk } from "../machine/service.ts";
import type { Service } from "./services.ts";
import { runStep } from "./step_command.ts";
import type { Supervisor } from "./supervise.ts";

/** Where a step works and how it is shown. */
interface StepOptions {
  readonly root: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Builds the Kafka client for Bun, once per user. */
export async function buildClient({ root, env, signal, progress }: StepOptions): Promise<void> {
  const step = progress.step("Kafka client");
  const command = [process.execPath, join(root, "stack", "build_client.ts")];
  await runStep({ command, folder: root, env, signal, onLine: step.note });
  step.done("ready");
}

/** Builds the client of `client/`, which ingest serves. It is quick, so its output is not shown. */
export async function buildSendingClient({ root, env, signal }: StepOptions): Promise<void> {
  const command = [process.execPath, "run", "build"];
  await runStep({ command, folder: join(root, "client"), env, signal, onLine: () => undefined });
}

/** Builds the dashboard when a source is newer than the last build. */
export async function buildDashboard({ root, env, signal, progress }: StepOptions): Promise<void> {
  const folder = join(root, "dashboard");
  const step = progress.step("Dashboard");
  if (await isDashboardStale(folder)) {
    const command = [process.execPath, "run", "build"];
    await runStep({ command, folder, env, signal, onLine: step.note });
  }
  step.done("built");
}

/** A service needs seconds; on a machine that builds something else, more (ms). */
const READY_MS_MAX = 120_000;

/** Starts a service, supervises it and waits until it can work. */
export async function startService(
  service: Service,
  run: {
    readonly supervisor: Supervisor;
    readonly progress: Progress;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const step = run.progress.step(service.name);
  step.note("starting");
  await service.server.start();
  run.supervisor.watch(service.name, service.server);
  step.note("waiting until it is ready");
  const isReady = async () => run.signal.aborted || (await answersOk(service.readyUrl));
  const ready = await eventually(isReady, READY_MS_MAX);
  run.signal.throwIfAborted();
  if (!ready) {
    const message = `${service.name} lives but is not ready, see ${service.server.logPath}`;
    throw new StackError("server_not_ready", message);
  }
  step.done("ready");
}
