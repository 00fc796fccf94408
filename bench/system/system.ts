/**
 * The whole system for tests that break it: an own stack, ingest and processor
 * as real processes that can be killed, and the load test as a third.
 */
import { join } from "node:path";
import { eventually, ownStack, runCommand, serviceEnv, testNames } from "@tally/stack/testing";
import { connectAdmin } from "@tally/shared/kafka";
import type { Stack } from "@tally/stack";

/** One service as a process. */
export interface ServiceProcess {
  /** Where it answers; changes with each start. */
  readonly url: string;
  readonly pid: number;
  /** Sends a signal and waits for the end; returns the exit code, 128 + n for a signal. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<number>;
  /** Starts it again after it ended. */
  start(): Promise<void>;
  /** Resident set size, bytes. */
  residentBytes(): Promise<number>;
}

export interface System {
  readonly stack: Stack;
  readonly topic: string;
  readonly dlqTopic: string;
  readonly ingest: ServiceProcess;
  readonly processor: ServiceProcess;
  /** Runs the load test with arguments; resolves when it has counted. */
  load(...words: string[]): Promise<LoadOutcome>;
  stop(): Promise<void>;
}

export interface LoadOutcome {
  readonly exitCode: number;
  readonly text: string;
}

const ROOT = join(import.meta.dir, "..", "..");
const START_MS_MAX = 30_000;
const END_MS_MAX = 20_000;
const PARTITIONS = 6;

/**
 * Starts everything on free ports.
 *
 * @param env Options of the services, over the defaults of a test.
 */
export async function startSystem(env: Readonly<Record<string, string>> = {}): Promise<System> {
  const stack = await ownStack();
  const { topic } = testNames();
  const dlqTopic = `${topic}.DLQ`;
  const admin = await connectAdmin({ bootstrapServers: stack.kafka.bootstrapServers });
  await admin.createTopics(
    [topic, dlqTopic].map((name) => ({
      topic: name,
      partitions: PARTITIONS,
      replicationFactor: 1,
      config: {},
    })),
  );
  await admin.disconnect();
  const environment = {
    ...Bun.env,
    ...serviceEnv(stack),
    KAFKA_TOPIC: topic,
    KAFKA_DLQ_TOPIC: dlqTopic,
    INGEST_PORT: "0",
    PROCESSOR_PORT: "0",
    // Soon quiet: nothing waits a minute for its archive object.
    ARCHIVE_OBJECT_AGE_MS_MAX: "1000",
    PROCESSOR_BACKOFF_MS_MAX: "1000",
    ...env,
  };
  const ingest = await startService("ingest", environment);
  const processor = await startService("processor", environment);
  return {
    stack,
    topic,
    dlqTopic,
    ingest,
    processor,
    load: (...words) => runLoad(ingest.url, environment, words),
    async stop() {
      await Promise.all([ingest.end("SIGTERM"), processor.end("SIGTERM")]);
      await stack.stop();
    },
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

async function startService(
  name: "ingest" | "processor",
  env: Environment,
): Promise<ServiceProcess> {
  const spawn = () =>
    Bun.spawn([process.execPath, join(ROOT, name, "main.ts")], {
      cwd: ROOT,
      env,
      stdout: "pipe",
      stderr: "inherit",
    });
  let child = spawn();
  let url = await announcedUrl(name, child.stdout);
  await untilReady(name, url);
  return {
    get url() {
      return url;
    },
    get pid() {
      return child.pid;
    },
    async end(signal) {
      child.kill(signal);
      const isOver = await eventually(
        () => child.exitCode !== null || child.signalCode !== null,
        END_MS_MAX,
      );
      if (!isOver)
        throw new Error(`Cannot end ${name}: it still runs ${END_MS_MAX} ms after ${signal}`);
      return child.exitCode ?? 128 + 9;
    },
    async start() {
      child = spawn();
      url = await announcedUrl(name, child.stdout);
    },
    async residentBytes() {
      const status = await Bun.file(`/proc/${child.pid}/status`).text();
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
    },
  };
}

/** The address from the log line that a service writes when it listens; errors are passed on. */
async function announcedUrl(name: string, stdout: ReadableStream<Uint8Array>): Promise<string> {
  const announced = Promise.withResolvers<string>();
  void (async () => {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const entry = JSON.parse(line) as { url?: string; level: string };
        if (entry.url !== undefined) announced.resolve(entry.url);
        if (entry.level === "error") console.error(line);
      }
    }
    announced.reject(new Error(`Cannot start ${name}: it ended before it listened`));
  })();
  return await announced.promise;
}

async function untilReady(name: string, url: string): Promise<void> {
  const isReady = await eventually(
    async () => (await fetch(`${url}/health/ready`)).ok,
    START_MS_MAX,
  );
  if (!isReady) throw new Error(`Cannot use ${name}: it is not ready after ${START_MS_MAX} ms`);
}

async function runLoad(
  url: string,
  env: Environment,
  words: readonly string[],
): Promise<LoadOutcome> {
  const command = [process.execPath, join(ROOT, "bench", "load.ts"), "--url", url, ...words];
  const { exitCode, output } = await runCommand(command, { cwd: ROOT, env });
  return { exitCode, text: output };
}
