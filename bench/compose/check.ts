/**
 * Everything that compose.yml promises, in a real engine: build, `up --wait`, the README's curl, a
 * restart and a kill -9 of each container under load, every event accounted for, and a `down` that
 * leaves nothing but the named volumes.
 */
import { eventually, runCommand, sleep, type CommandResult, type Env } from "@tally/shared";
import { join } from "node:path";
import { composeProject, type ComposeProject } from "./engine.ts";
import { startSender } from "./sender.ts";

export interface CheckOptions {
  readonly env: Env;
  readonly newRunId: () => string;
  readonly print: (line: string) => void;
}

const PROJECT = "tally-check";
const INGEST_URL = "http://127.0.0.1:8081/events";
const PROCESSOR_URL = "http://127.0.0.1:8082";
const LONG_RUNNING = ["kafka", "postgres", "s3", "ingest", "processor"] as const;
/** The archive's rotation is a minute, and what was killed has to come back. // chosen */
const ARCHIVED_MS_MAX = 240_000;
const STORED_MS_MAX = 60_000;
const BACK_MS_MAX = 120_000;
const UP_WAIT_SECONDS = "300";
/** What a kill must not find: a container that has just started. // chosen */
const SETTLE_MS = 3_000;

/** @returns Whether all steps passed. The project is removed in any case, with its volumes. */
export async function checkCompose({ env, newRunId, print }: CheckOptions): Promise<boolean> {
  const project = composeProject(PROJECT, env);
  const step = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    const startMs = performance.now();
    const outcome = await run();
    print(`ok  ${name}  ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    return outcome;
  };
  try {
    await runSteps(project, step, { env, newRunId, print });
    return true;
  } catch (error) {
    print(`not ok  ${error instanceof Error ? error.message : String(error)}`);
    print(await project.compose(["ps", "--all"]).catch(String));
    print(await project.compose(["logs", "--tail", "20"]).catch(String));
    return false;
  } finally {
    await project.compose(["down", "--volumes", "--remove-orphans"]).catch(String);
  }
}

type Step = <T>(name: string, run: () => Promise<T>) => Promise<T>;

async function runSteps(project: ComposeProject, step: Step, options: CheckOptions): Promise<void> {
  const { compose } = project;
  const up = () => compose(["up", "--detach", "--wait", "--wait-timeout", UP_WAIT_SECONDS]);
  const volumesBefore = await volumes(project);
  await step("config", () => compose(["config", "--quiet"]));
  await step("build", () => compose(["build"]));
  await step("images carry no install cache", () => expectNoInstallCache(project));
  await step("up --wait", up);
  const eventId = await step("the README's curl", sendOne);
  await step("its row", () => waitForTrace(eventId, "row"));
  await step("no service may write to its root", () => expectReadOnly(project));

  const sender = startSender(INGEST_URL, options.newRunId());
  for (const name of LONG_RUNNING) {
    await sleep(SETTLE_MS);
    await step(`restart ${name}`, async () => {
      await compose(["restart", name]);
      await waitHealthy(project, name);
    });
    await sleep(SETTLE_MS);
    await step(`kill -9 ${name}`, () => killAndWait(project, name));
  }
  const sent = await step("the last batch is accepted", () => sender.stop());
  await step(`${sent + 1} accepted events are rows`, () => waitForRows(project, sent + 1));
  await step("the archive holds all of them", waitForArchive);
  options.print(await step("audit", () => audit(options.env)));
  await step("down, then up: the data is there", async () => {
    await compose(["down"]);
    await expectSameVolumes(project, volumesBefore);
    await up();
    await waitForRows(project, sent + 1);
  });
}

/** The command of the README. */
async function sendOne(): Promise<string> {
  const response = await fetch(INGEST_URL, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"sessionId":"test-1","eventType":"page_view","payload":{"path":"/home"}}',
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`Cannot send: ${response.status} ${text}`);
  return (JSON.parse(text) as { readonly eventId: string }).eventId;
}

async function waitForTrace(eventId: string, part: "row" | "archive"): Promise<void> {
  await until(STORED_MS_MAX, `event ${eventId} has no ${part}`, async () => {
    const response = await fetch(`${PROCESSOR_URL}/events/${eventId}/trace`);
    if (!response.ok) return false;
    const trace = (await response.json()) as Readonly<Record<string, unknown>>;
    return trace[part] !== null;
  });
}

/** Kills the first process of a container from outside, as a crash does: the engine restarts it. */
async function killAndWait(project: ComposeProject, name: string): Promise<void> {
  const id = await project.compose(["ps", "--quiet", name]);
  const state = async () =>
    (await project.docker(["inspect", "--format", "{{.State.Pid}} {{.RestartCount}}", id])).split(
      " ",
    );
  const [pid, restarts] = await state();
  const { exitCode, output } = await runCommand(["kill", "-9", String(pid)], { env: {} });
  if (exitCode !== 0) throw new Error(`Cannot kill process ${pid} of ${name}: ${output}`);
  await until(BACK_MS_MAX, `${name} is not restarted`, async () => (await state())[1] !== restarts);
  await waitHealthy(project, name);
}

async function waitHealthy({ compose, docker }: ComposeProject, name: string): Promise<void> {
  const id = await compose(["ps", "--all", "--quiet", name]);
  const health = () => docker(["inspect", "--format", "{{.State.Health.Status}}", id]);
  await until(BACK_MS_MAX, `${name} is not healthy`, async () => (await health()) === "healthy");
}

async function waitForRows({ compose }: ComposeProject, wanted: number): Promise<void> {
  const query = "select count(*) from web_events";
  let rows = "";
  await until(STORED_MS_MAX, `${wanted} rows are not there`, async () => {
    const psql = `PGPASSWORD=$POSTGRES_PASSWORD psql -h 127.0.0.1 -U postgres -d eventsdb -Atc "${query}"`;
    rows = await compose(["exec", "-T", "postgres", "sh", "-c", psql]).catch(String);
    return rows === String(wanted);
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${rows}`);
  });
}

async function waitForArchive(): Promise<void> {
  await until(ARCHIVED_MS_MAX, "the archive is not complete", async () => {
    const text = await (await fetch(`${PROCESSOR_URL}/metrics`)).text();
    return /^processor_oldest_unarchived_seconds 0$/m.test(text);
  });
}

/** With the options' defaults, which are the ports that compose.yml publishes. */
async function audit({ PATH, HOME, XDG_CACHE_HOME }: Env): Promise<string> {
  const entry = join(import.meta.dir, "..", "..", "processor", "commands", "audit", "main.ts");
  return auditVerdict(
    await runCommand([process.execPath, entry], { env: { PATH, HOME, XDG_CACHE_HOME } }),
  );
}

/**
 * The end of the audit's report, which is its standard output: its progress goes to the other one.
 *
 * @throws {Error} With all that it wrote, when it is not clean.
 */
export function auditVerdict({
  exitCode,
  text,
  output,
}: Pick<CommandResult, "exitCode" | "text" | "output">): string {
  if (exitCode !== 0) throw new Error(`The audit is not clean:\n${output}`);
  return text.trim().split("\n").slice(-4).join("\n");
}

async function expectNoInstallCache({ docker }: ComposeProject): Promise<void> {
  for (const image of ["tally-ingest", "tally-processor"]) {
    const found = await docker(["run", "--rm", "--entrypoint", "ls", image, "-A", "/opt/cache"]);
    if (found !== "tally") throw new Error(`${image} has more in /opt/cache: ${found}`);
  }
}

async function expectReadOnly({ compose }: ComposeProject): Promise<void> {
  for (const name of ["ingest", "processor"]) {
    const touch = ["exec", "-T", name, "touch", "/tally/written"];
    const outcome = await compose(touch).then(() => "written", String);
    if (!outcome.includes("Read-only file system")) throw new Error(`${name}: ${outcome}`);
  }
}

const volumes = ({ docker }: ComposeProject) => docker(["volume", "ls", "--quiet"]);

/** Besides the named volumes of the project, `down` must leave what was there before. */
async function expectSameVolumes(project: ComposeProject, before: string): Promise<void> {
  const known = new Set(before.split("\n"));
  const left = (await volumes(project))
    .split("\n")
    .filter((name) => !known.has(name) && !name.startsWith(`${PROJECT}_`));
  if (left.length > 0) throw new Error(`"down" left volumes: ${left.join(", ")}`);
}

const POLL_MS = 500; // chosen

/** Waits for a condition; a check that throws counts as false. @throws {Error} After `msMax`. */
async function until(msMax: number, problem: string, isDone: () => Promise<boolean>) {
  const holds = () => isDone().catch(() => false);
  if (await eventually(holds, msMax, { pollMs: POLL_MS })) return;
  throw new Error(`After ${msMax / 1000} s ${problem}`);
}
