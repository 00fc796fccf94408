/**
 * The flow of `bun run up`: take the folder -> build what is missing and start
 * the servers side by side -> topics -> services -> a status to show.
 */
import { allOrNone, loadConfig, type Config, type Env } from "@tally/shared";
import { join, resolve } from "node:path";

import { followLog } from "../machine/follow_log.ts";
import { makeTopics } from "../servers/make_topics.ts";
import { claimStack, type Claim, type PartName, type Parts, type Stack } from "../servers/stack.ts";
import { planStack, servicesEnv, type Plan } from "./plan.ts";
import type { Progress, Step } from "@tally/shared/terminal/progress";
import { createServices, type Service } from "./services.ts";
import type { Status } from "./status_page.ts";
import { createSupervisor, type Supervisor } from "./supervise.ts";
import { statusOf } from "./up_status.ts";
import { buildClient, buildDashboard, buildSendingClient, startService } from "./up_steps.ts";

/** What one `up` is given. */
export interface BringUp {
  readonly env: Env;
  /** Folder of the checkout. */
  readonly root: string;
  readonly isDevelopment: boolean;
  /** Memory of this machine or container, which PostgreSQL's settings follow. */
  readonly memoryBytes: number;
  readonly progress: Progress;
  /** Aborts a start in progress. */
  readonly signal: AbortSignal;
  /** News while it runs: warnings of the services, restarts. */
  readonly onNews: (text: string) => void;
}

/** A started `up`: everything runs. */
export interface Running {
  readonly status: Status;
  /** Stops the services first, so that they can finish their work; then the servers. */
  stop(): Promise<void>;
}

/**
 * Brings everything up, or throws with nothing left running.
 *
 * @throws {PipelineError} `config_invalid`, with all problems of the configuration.
 * @throws {StackError} With every problem that can be found before starting.
 */
export async function bringUp(options: BringUp): Promise<Running> {
  const startMs = performance.now();
  const up = await prepare(options);
  try {
    await startParts(up);
    await startServices(up);
    const status = statusOf({ ...up, seconds: (performance.now() - startMs) / 1000 });
    return { status, stop: () => stop(up) };
  } catch (error) {
    await stop(up);
    throw error;
  }
}

/** One `up` in progress. */
interface Up extends BringUp {
  readonly config: Config<"stack">;
  readonly plan: Plan;
  readonly folder: string;
  /** Aborts every part of the start. */
  readonly giveUp: AbortController;
  readonly supervisor: Supervisor;
  readonly services: readonly Service[];
  readonly claim: Claim;
  readonly steps: Map<PartName, Step>;
  /** What was started of the stack; empty before. */
  readonly stack: Partial<Parts> & Partial<Pick<Stack, "stop">>;
  /** Ends each reader of a log. */
  readonly unfollow: (() => void)[];
}

/** Takes the folder and the ports; nothing has been started when it throws. */
async function prepare(options: BringUp): Promise<Up> {
  const config = loadConfig(options.env, "stack");
  const plan = planStack(config, options.env);
  const folder = resolve(options.root, config.stack.dataFolder);
  const giveUp = new AbortController();
  const signal = AbortSignal.any([options.signal, giveUp.signal]);
  const supervisor = supervisorOf(options.onNews);
  const up = {
    ...options,
    config,
    plan,
    folder,
    giveUp,
    signal,
    supervisor,
    steps: new Map<PartName, Step>(),
    stack: {},
    unfollow: [],
  };
  const services = await createServices({
    ...up,
    env: () => ({
      ...options.env,
      ...servicesEnv(up.stack),
      INGEST_KEYS_FILE: options.env["INGEST_KEYS_FILE"] || join(folder, "ingest-keys.json"),
    }),
    onEnded: supervisor.ended,
  });
  const claim = await claimStack({
    folder,
    env: options.env,
    use: plan.use,
    signal,
    bucket: config.archive.bucket,
    memoryBytes: options.memoryBytes,
    ports: {
      kafka: config.stack.kafkaPort,
      postgres: config.stack.postgresPort,
      s3: config.stack.s3Port,
    },
    others: services.map(({ server }) => server),
    otherPorts: services.map(({ wanted }) => wanted),
    onProgress: (part, text) => up.steps.get(part)?.note(text),
    onReady: (part) => up.steps.get(part)?.done("ready"),
    onEnded: supervisor.ended,
  });
  return { ...up, services, claim };
}

function supervisorOf(onNews: (text: string) => void): Supervisor {
  return createSupervisor({
    onEnded: (name, exitCode, pauseMs) =>
      onNews(`${name} ended (${exitText(exitCode)}), restarting in ${pauseMs / 1000} s`),
    onStarted: (name) => onNews(`${name} runs again`),
    onFailed: (name, error) =>
      onNews(`${name} did not start: ${error instanceof Error ? error.message : String(error)}`),
  });
}

function exitText(exitCode: number | null): string {
  return exitCode === null ? "no exit code" : `exit code ${exitCode}`;
}

/** Starts the servers and all slow steps in parallel, then what needs both. */
async function startParts(up: Up): Promise<void> {
  const { plan, progress, supervisor, stack, config, signal } = up;
  const startStack = async () => {
    for (const part of plan.use) up.steps.set(part, progress.step(PART_TITLES[part]));
    Object.assign(stack, await up.claim.start());
    for (const part of plan.use) if (stack[part]) supervisor.watch(part, stack[part]);
  };
  await allOrNone(up.giveUp, [
    startStack(),
    buildClient(up),
    buildDashboard(up),
    buildSendingClient(up),
  ]);
  const step = progress.step("Topics");
  const own = stack.kafka && { bootstrapServers: stack.kafka.bootstrapServers };
  const made = await makeTopics({ config, signal, ...own });
  step.done(made === 0 ? "present" : `${made} made`);
}

const PART_TITLES: Readonly<Record<PartName, string>> = {
  kafka: "Kafka",
  postgres: "PostgreSQL",
  s3: "S3",
};

async function startServices(up: Up): Promise<void> {
  for (const { name, server } of up.services) {
    up.unfollow.push(await followLog(server.logPath, (line) => up.onNews(`${name}: ${line}`)));
  }
  await allOrNone(
    up.giveUp,
    up.services.map((service) => startService(service, up)),
  );
}

async function stop(up: Up): Promise<void> {
  up.giveUp.abort();
  await up.supervisor.stop();
  for (const end of up.unfollow) end();
  await Promise.all(up.services.map(({ server }) => server.stop()));
  if (up.stack.stop) await up.stack.stop();
  else up.claim.release();
}
