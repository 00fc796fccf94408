/**
 * The flow of `bun run up`: take the folder -> build what is missing and start
 * the servers side by side -> topics -> services -> a status to show.
 */
import { loadConfig, type Config, type Env } from "@tally/shared";
import { join, resolve } from "node:path";

import { isDashboardStale } from "./dashboard_build.ts";
import { eventually } from "./deadline.ts";
import { StackError, throwAll } from "./error.ts";
import { followLog } from "./follow_log.ts";
import { makeTopics } from "./make_topics.ts";
import { claimStack, type PartName, type Parts, type Stack } from "./mod.ts";
import { planStack, servicesEnv, type Plan } from "./plan.ts";
import { LOOPBACK } from "./ports.ts";
import type { Progress, Step } from "./progress.ts";
import { answersOk } from "./service.ts";
import { createServices, type Service } from "./services.ts";
import { withoutPassword, type Status } from "./status_page.ts";
import { runStep } from "./step_command.ts";
import { createSupervisor, type Supervisor } from "./supervise.ts";

/** What one `up` is given. */
export interface BringUp {
  readonly env: Env;
  /** Folder of the checkout. */
  readonly root: string;
  readonly isDevelopment: boolean;
  readonly progress: Progress;
  /** Gives up a start that is under way. */
  readonly signal: AbortSignal;
  /** News while it runs: warnings of the services, restarts. */
  readonly onNews: (text: string) => void;
}

/** Everything runs. */
export interface Running {
  readonly status: Status;
  /** Services first, so that they can finish their work; then the servers. */
  stop(): Promise<void>;
}

/** Brings everything up, or throws with nothing left running. */
export async function bringUp(options: BringUp): Promise<Running> {
  const startMs = performance.now();
  const config = loadConfig(options.env, "stack");
  const plan = planStack(config, options.env);
  const up = await prepare(options, config, plan);
  try {
    await up.startParts();
    await up.startServices();
    return { status: up.status((performance.now() - startMs) / 1000), stop: up.stop };
  } catch (error) {
    await up.stop();
    throw error;
  }
}

interface Prepared {
  startParts(): Promise<void>;
  startServices(): Promise<void>;
  status(seconds: number): Status;
  stop(): Promise<void>;
}

/** Takes the folder and the ports; nothing has been started when it throws. */
async function prepare(options: BringUp, config: Config<"stack">, plan: Plan): Promise<Prepared> {
  const { root, env, progress, onNews } = options;
  const folder = resolve(root, config.stack.dataFolder);
  const giveUp = new AbortController();
  const signal = AbortSignal.any([options.signal, giveUp.signal]);
  const supervisor = supervisorOf(onNews);
  const steps = new Map<PartName, Step>();
  let stack: Partial<Parts> & Partial<Stack> = {};
  const services = await createServices({
    config,
    root,
    folder,
    signal,
    isDevelopment: options.isDevelopment,
    env: () => ({ ...env, ...servicesEnv(stack) }),
    onEnded: supervisor.ended,
  });
  const claim = await claimStack({
    folder,
    env,
    use: plan.use,
    signal,
    bucket: config.archive.bucket,
    ports: {
      kafka: config.stack.kafkaPort,
      postgres: config.stack.postgresPort,
      s3: config.stack.s3Port,
    },
    others: services.map(({ server }) => server),
    otherPorts: services.map(({ wanted }) => wanted),
    onProgress: (part, text) => steps.get(part)?.note(text),
    onReady: (part) => steps.get(part)?.done("ready"),
    onEnded: supervisor.ended,
  });
  const unfollow: (() => void)[] = [];

  async function startParts(): Promise<void> {
    const first = async () => {
      for (const part of plan.use) steps.set(part, progress.step(PART_TITLES[part]));
      stack = await claim.start();
      for (const part of plan.use) if (stack[part]) supervisor.watch(part, stack[part]);
    };
    const build = { root, env, signal, progress };
    await allOrNone(giveUp, [first(), buildClient(build), buildDashboard(build)]);
    const step = progress.step("Topics");
    const bootstrapServers = stack.kafka?.bootstrapServers;
    const made = await makeTopics({
      config,
      signal,
      ...(bootstrapServers === undefined ? {} : { bootstrapServers }),
    });
    step.done(made === 0 ? "present" : `${made} made`);
  }

  async function startServices(): Promise<void> {
    for (const { name, server } of services) {
      unfollow.push(await followLog(server.logPath, (line) => onNews(`${name}: ${line}`)));
    }
    const starts = services.map((each) => startService(each, { supervisor, progress, signal }));
    await allOrNone(giveUp, starts);
  }

  async function stop(): Promise<void> {
    giveUp.abort();
    await supervisor.stop();
    for (const end of unfollow) end();
    await Promise.all(services.map(({ server }) => server.stop()));
    if (stack.stop) await stack.stop();
    else claim.release();
  }

  const status = (seconds: number) => statusOf({ config, plan, folder, services, stack, seconds });
  return { startParts, startServices, status, stop };
}

const PART_TITLES: Readonly<Record<PartName, string>> = {
  kafka: "Kafka",
  postgres: "PostgreSQL",
  s3: "S3",
};

function supervisorOf(onNews: (text: string) => void): Supervisor {
  return createSupervisor({
    onEnded: (name, exitCode, pauseMs) =>
      onNews(`${name} ended (exit code ${exitCode ?? "none"}), next start in ${pauseMs / 1000} s`),
    onStarted: (name) => onNews(`${name} runs again`),
    onFailed: (name, error) =>
      onNews(`${name} did not start: ${error instanceof Error ? error.message : String(error)}`),
  });
}

/** Waits for all; the first failure makes the others give up, and is the one that is told. */
async function allOrNone(giveUp: AbortController, parts: readonly Promise<void>[]): Promise<void> {
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => {
    // Those that give up because of the first one have nothing to add.
    if (!giveUp.signal.aborted) failures.push(error);
    giveUp.abort();
  };
  await Promise.all(parts.map((part) => part.catch(onFailure)));
  throwAll(failures.map((reason) => ({ status: "rejected", reason })));
}

interface Build {
  readonly root: string;
  readonly env: Env;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

async function buildClient({ root, env, signal, progress }: Build): Promise<void> {
  const step = progress.step("Kafka client");
  const command = [process.execPath, join(root, "stack", "build_client.ts")];
  await runStep({ command, folder: root, env, signal, onLine: step.note });
  step.done("ready");
}

async function buildDashboard({ root, env, signal, progress }: Build): Promise<void> {
  const folder = join(root, "dashboard");
  const step = progress.step("Dashboard");
  if (await isDashboardStale(folder)) {
    const command = [process.execPath, "run", "build"];
    await runStep({ command, folder, env, signal, onLine: step.note });
  }
  step.done("built");
}

/** A service needs seconds; on a machine that builds something else, more (ms). */
const READY_MS_MAX = 60_000;

async function startService(
  service: Service,
  run: { supervisor: Supervisor; progress: Progress; signal: AbortSignal },
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
    step.failed();
    const message = `${service.name} lives but is not ready, see ${service.server.logPath}`;
    throw new StackError("server_not_ready", message);
  }
  step.done("ready");
}

function statusOf(all: {
  config: Config<"stack">;
  plan: Plan;
  folder: string;
  services: readonly Service[];
  stack: Partial<Parts>;
  seconds: number;
}): Status {
  const { config, plan, folder, stack, seconds } = all;
  const urlOf = (name: string) => all.services.find((each) => each.name === name)?.url;
  const { postgres } = stack;
  const elsewhere = postgres && !postgres.dataFolder.startsWith(`${folder}/`);
  const s3 = stack.s3 ? `${stack.s3.endpoint}, bucket ${stack.s3.bucket}` : namedS3(config);
  return {
    dashboardUrl: `${urlOf("dashboard") ?? urlOf("processor")}/`,
    ingestUrl: urlOf("ingest") ?? `http://${LOOPBACK}`,
    kafka: `${stack.kafka?.bootstrapServers ?? config.kafka.bootstrapServers}, topic ${config.kafka.topic}`,
    // The local password is no secret: it is the same everywhere and good on loopback only.
    postgres: postgres?.url ?? withoutPassword(config.database.url),
    ...(plan.archive ? { s3 } : {}),
    dataFolder: folder,
    ...(postgres && elsewhere
      ? { postgresFolder: { path: postgres.dataFolder, user: postgres.runsAs ?? "you" } }
      : {}),
    logsFolder: join(folder, "logs"),
    seconds,
  };
}

function namedS3({ archive }: Config<"stack">): string {
  return `${archive.endpoint ?? "AWS"}, bucket ${archive.bucket}`;
}
