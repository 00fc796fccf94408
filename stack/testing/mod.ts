/**
 * The stack for tests: one for a whole `bun test` run, on free ports and in a
 * folder of its own. Never touches what the environment or `.env` names.
 */
import { eventually, tryLock } from "@tally/shared";
import { connectAdmin } from "@tally/shared/kafka";
import { SQL } from "bun";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { endServersOf, foldersOf } from "../servers/empty_folder.ts";
import { StackError } from "../machine/error.ts";
import {
  startStack,
  type PartName,
  type Parts,
  type Stack,
  type StackOptions,
} from "../servers/stack.ts";
import { topicSettings } from "../servers/topics.ts";

export { readMemory } from "../machine/memory.ts";
export { freePort, LOOPBACK } from "../machine/ports.ts";
export { isRunning, parentOf, runningProcesses, signalProcess } from "../machine/process_table.ts";
export { bunCommand, createService } from "../machine/service.ts";
export type { Server } from "../machine/server_process.ts";

/** Variable in which `run_tests.ts` hands one stack to every worker of a run. */
export const HANDED_DOWN = "TALLY_TEST_STACK";

/** Variables of real services and of their users: blank for everything that a test starts. */
export const REAL_SERVICES: Readonly<Record<string, string>> = {
  KAFKA_BOOTSTRAP_SERVERS: "",
  DATABASE_URL: "",
  DATABASE_URL_FILE: "",
  S3_BUCKET_NAME: "",
  S3_ENDPOINT: "",
  TALLY_KEYS: "",
  TALLY_OPEN: "",
  TALLY_HOSTS: "",
  TALLY_TRUSTED_PROXIES: "",
};

/**
 * The stack that all test files of a run share; started by the first call.
 *
 * Its parts must not be stopped or killed: a test that does so takes `ownStack()`.
 */
export function testStack(): Promise<Stack> {
  const handedDown = Bun.env[HANDED_DOWN];
  shared.stack ??= handedDown
    ? Promise.resolve(fromAddresses(handedDown))
    : startInTemporaryFolder();
  return shared.stack;
}

/**
 * A stack for one test alone, which may stop and kill its parts; stopped by the caller or at the
 * end.
 */
export async function ownStack<Name extends PartName = PartName>(
  options: Partial<StackOptions<Name>> = {},
): Promise<Stack<Name>> {
  return startInTemporaryFolder(options);
}

/** Names that no other test file uses. */
export interface TestNames {
  readonly topic: string;
  readonly group: string;
  readonly schema: string;
  readonly database: string;
  readonly prefix: string;
}

/** Makes names for one test file; each call gives others. */
export function testNames(id = Bun.randomUUIDv7().replaceAll("-", "").slice(-12)): TestNames {
  return {
    topic: `test-${id}`,
    group: `test-${id}`,
    schema: `test_${id}`,
    database: `test_${id}`,
    prefix: `test-${id}/`,
  };
}

/** Makes an empty database for one test file and returns its URL. */
export async function createDatabase(
  stack: { readonly postgres: { readonly url: string } },
  name = testNames().database,
): Promise<string> {
  const sql = new SQL(stack.postgres.url, { max: 1 });
  await sql.unsafe(`create database "${name}"`);
  await sql.close();
  const url = new URL(stack.postgres.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** Makes a topic and waits until it is there. */
export async function createTopic(
  stack: { readonly kafka: { readonly bootstrapServers: string } },
  options: {
    readonly topic: string;
    readonly partitions?: number;
    /** Number of brokers that the topic can be spread over; one when absent. */
    readonly brokers?: number;
  },
): Promise<void> {
  const admin = await connectAdmin({ bootstrapServers: stack.kafka.bootstrapServers });
  try {
    const { topic, partitions = 6, brokers = 1 } = options;
    await admin.createTopics([topicSettings(topic, partitions, brokers)]);
    const isThere = async () => (await admin.describeTopic(options.topic)) !== null;
    if (await eventually(isThere, TOPIC_MS_MAX)) return;
    throw new StackError("server_not_ready", `topic "${options.topic}" did not appear`);
  } finally {
    await admin.disconnect();
  }
}

/** What a service needs to reach the stack, as environment variables. */
export function serviceEnv(stack: Stack): Record<string, string> {
  return {
    KAFKA_BOOTSTRAP_SERVERS: stack.kafka.bootstrapServers,
    DATABASE_URL: stack.postgres.url,
    S3_ENDPOINT: stack.s3.endpoint,
    S3_BUCKET_NAME: stack.s3.bucket,
    AWS_ACCESS_KEY_ID: stack.s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: stack.s3.secretAccessKey,
    AWS_REGION: stack.s3.region,
  };
}

/** Stops a stack of `ownStack()` and removes its folder. */
export async function endStack(stack: Stack<PartName>): Promise<void> {
  shared.running.delete(stack);
  await removeStack(stack);
}

/** Stops everything that this process has started; `preload.ts` calls it after the last file. */
export async function stopTestStacks(): Promise<void> {
  const stacks = [...shared.running];
  shared.running.clear();
  shared.stack = undefined;
  await Promise.all(stacks.map((stack) => removeStack(stack)));
}

/** Removes stacks of runs that were killed: the lock of their folder ended with its owner. */
export async function removeLeftovers(parent = tmpdir()): Promise<number> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(FOLDER_PREFIX));
  let removed = 0;
  for (const name of names) {
    const folder = join(parent, name);
    const lock = await lockIfOwned(folder);
    if (lock === null) continue;
    await endServersOf(await foldersOf(folder));
    await removeFolders(folder);
    lock.release();
    removed += 1;
  }
  return removed;
}

/** The addresses of a stack, for another process: the value of `TALLY_TEST_STACK`. */
export function toAddresses({ folder, kafka, postgres, s3 }: Stack): string {
  const { bootstrapServers } = kafka;
  const { endpoint, bucket, accessKeyId, secretAccessKey, region } = s3;
  return JSON.stringify({
    folder,
    kafka: { bootstrapServers, logPath: kafka.logPath },
    postgres: { url: postgres.url, dataFolder: postgres.dataFolder, logPath: postgres.logPath },
    s3: { endpoint, bucket, accessKeyId, secretAccessKey, region, logPath: s3.logPath },
  });
}

/** A topic is known everywhere in milliseconds; this only ends a hang (ms). */
const TOPIC_MS_MAX = 10_000;

const FOLDER_PREFIX = "tally-test-";

interface Shared {
  stack: Promise<Stack> | undefined;
  readonly running: Set<Stack<PartName>>;
  sweep: Promise<number> | undefined;
}

// On globalThis, because `bun test` gives each test file its own copy of this module.
const holder = globalThis as typeof globalThis & { tallyTestStacks?: Shared };
const shared: Shared = (holder.tallyTestStacks ??= {
  stack: undefined,
  running: new Set(),
  sweep: undefined,
});

async function startInTemporaryFolder<Name extends PartName = PartName>(
  options: Partial<StackOptions<Name>> = {},
): Promise<Stack<Name>> {
  shared.sweep ??= removeLeftovers();
  await shared.sweep;
  const folder = options.folder ?? (await temporaryFolder());
  const stack = await startStack<Name>({
    ...options,
    folder,
    env: { ...Bun.env, ...REAL_SERVICES, ...options.env },
  });
  const registered = stack as unknown as Stack;
  shared.running.add(registered);
  return stack;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), FOLDER_PREFIX));
  // PostgreSQL may run as another user, who must be able to enter the folder.
  await chmod(folder, 0o711);
  return folder;
}

/** The lock of a folder without an owner; null when the owner is alive. */
async function lockIfOwned(folder: string): Promise<{ release(): void } | null> {
  try {
    return tryLock(join(folder, "lock"));
  } catch {
    // Removed meanwhile, or it belongs to another user, who removes it.
    return null;
  }
}

async function removeStack(stack: Stack<PartName>): Promise<void> {
  await stack.stop();
  await removeFolders(stack.folder);
}

async function removeFolders(folder: string): Promise<void> {
  for (const each of await foldersOf(folder)) await rm(each, { recursive: true, force: true });
}

/** A stack that another process has started: its addresses, without the right to stop it. */
function fromAddresses(json: string): Stack {
  const refuse = () => {
    const message = "this stack is shared by the whole run: stop or kill parts of an ownStack()";
    return Promise.reject(new StackError("not_in_stack", message));
  };
  const handle = {
    pid: undefined,
    start: refuse,
    stop: refuse,
    kill: refuse,
    endLeftovers: refuse,
  };
  const addresses = JSON.parse(json) as {
    folder: string;
    kafka: Pick<Parts["kafka"], "bootstrapServers" | "logPath">;
    postgres: Pick<Parts["postgres"], "url" | "dataFolder" | "logPath">;
    s3: Omit<Parts["s3"], keyof typeof handle>;
  };
  return {
    folder: addresses.folder,
    kafka: { ...handle, ...addresses.kafka },
    postgres: { ...handle, runsAs: undefined, ...addresses.postgres },
    s3: { ...handle, ...addresses.s3 },
    stop: async () => undefined,
  };
}
