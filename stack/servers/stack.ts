/**
 * The servers that Tally needs, on this machine and without Docker: Kafka,
 * PostgreSQL and S3, each a child process with its data in one folder. Knows
 * nothing of events.
 */
import type { Env } from "@tally/shared";
import { resolve } from "node:path";

import { prepareFolder } from "../machine/disk.ts";
import { throwAll } from "../machine/error.ts";
import { lockFolder } from "../machine/folder_lock.ts";
import { hasJars, userCacheFolder } from "./jars.ts";
import { findJava, findMaven } from "./java.ts";
import { createKafka, KAFKA, type KafkaOptions, type KafkaServer } from "./kafka.ts";
import { checkPorts, freePort, type WantedPort } from "../machine/ports.ts";
import { createPostgres, type PostgresServer } from "./postgres.ts";
import { postgresDataFolder } from "./postgres_home.ts";
import { createS3, S3PROXY, type S3Server } from "./s3.ts";
import type { Server } from "../machine/server_process.ts";

export { StackError, type StackErrorCode } from "../machine/error.ts";
export type { KafkaServer } from "./kafka.ts";
export type { PostgresServer } from "./postgres.ts";
export type { S3Server, S3Connection } from "./s3.ts";
export type { WantedPort } from "../machine/ports.ts";
export type { Server } from "../machine/server_process.ts";

/** Names of the parts. */
export type PartName = "kafka" | "postgres" | "s3";

/** The parts by name. */
export interface Parts {
  readonly kafka: KafkaServer;
  readonly postgres: PostgresServer;
  readonly s3: S3Server;
}

/** Servers that run, with their addresses; only the parts that were asked for. */
export type Stack<Name extends PartName = PartName> = Pick<Parts, Name> & {
  readonly folder: string;
  /** Stops S3, PostgreSQL, Kafka in this order and releases the folder. */
  stop(): Promise<void>;
};

/** What to start and where. */
export interface StackOptions<Name extends PartName = PartName> {
  /** Holds all data; made when it is missing; one stack at a time. */
  readonly folder: string;
  /** A free port when 0 or absent. */
  readonly ports?: Partial<Readonly<Record<PartName, number>>>;
  /** Port of a proxy that Kafka's clients connect to; Kafka's own port when absent. */
  readonly kafkaAdvertisedPort?: number;
  /** Listeners and properties of Kafka besides its own, for tests. */
  readonly kafka?: Pick<KafkaOptions, "listeners" | "properties">;
  /** The parts to start; all when absent. */
  readonly use?: readonly Name[];
  readonly database?: string;
  /** Memory that PostgreSQL's settings follow; small settings, as for tests, when absent. */
  readonly memoryBytes?: number;
  readonly bucket?: string;
  /** Environment of the servers; that of this process when absent. */
  readonly env?: Env;
  readonly cacheFolder?: string;
  /** Less free space than this is an error (bytes). */
  readonly freeBytesMin?: number;
  /** Steps to show, with the part they belong to. */
  readonly onProgress?: (part: PartName, text: string) => void;
  /** Aborts a start in progress. */
  readonly signal?: AbortSignal;
  /** Ports that the caller will use itself, to be reported together with those of the parts. */
  readonly otherPorts?: readonly WantedPort[];
  /** Servers of the caller, whose leftovers are ended before the ports are checked. */
  readonly others?: readonly Pick<Server, "endLeftovers">[];
  readonly onReady?: (part: PartName) => void;
  /** A part ended by itself; the stack does not restart it. */
  readonly onEnded?: (part: PartName, exitCode: number | null) => void;
}

/** A folder that this process holds, ready for a start. */
export interface Claim<Name extends PartName = PartName> {
  /** @throws {StackError} With nothing left running and the folder free again. */
  start(): Promise<Stack<Name>>;
  release(): void;
}

/**
 * Starts the parts side by side and resolves when each of them answers.
 *
 * What an earlier owner of the folder left running after a kill -9 is stopped
 * first, so that no second copy ever works on the same data.
 *
 * @throws {StackError} With nothing left running and the folder free again.
 */
export async function startStack<Name extends PartName = PartName>(
  options: StackOptions<Name>,
): Promise<Stack<Name>> {
  return (await claimStack(options)).start();
}

/**
 * Takes the folder and checks for everything that would make a start fail, so
 * that all problems are reported at once, before anything slow begins.
 *
 * @throws {StackError} With the folder free again.
 */
export async function claimStack<Name extends PartName = PartName>(
  options: StackOptions<Name>,
): Promise<Claim<Name>> {
  const folder = resolve(options.folder);
  await prepareFolder(folder, options.freeBytesMin);
  const lock = lockFolder(folder);
  const release = () => lock.release();
  try {
    const names: readonly PartName[] = options.use ?? PART_NAMES;
    const parts = await createParts({ ...options, folder });
    const earlier = [...names.map((name) => parts[name]), ...(options.others ?? [])];
    await Promise.all(earlier.map((server) => server.endLeftovers()));
    const wanted = [...wantedPorts(names, options.ports), ...(options.otherPorts ?? [])];
    throwAll(await Promise.allSettled([checkPorts(wanted), checkPrograms(names, options)]));
    const { onReady } = options;
    const start = () => startParts<Name>({ parts, names, folder, release, onReady });
    return { start, release };
  } catch (error) {
    release();
    throw error;
  }
}

const PART_NAMES: readonly PartName[] = ["kafka", "postgres", "s3"];

/** Kafka holds the log, so it stops last. */
const STOP_ORDER: readonly PartName[] = ["s3", "postgres", "kafka"];

async function createParts(options: StackOptions): Promise<Parts> {
  const { folder, ports, onProgress, onEnded, signal } = options;
  const env = options.env ?? Bun.env;
  const cacheFolder = options.cacheFolder ?? userCacheFolder(env);
  const common = async (name: PartName) => ({
    folder,
    env,
    cacheFolder,
    ...(signal ? { signal } : {}),
    port: ports?.[name] || (await freePort()),
    onProgress: (text: string) => onProgress?.(name, text),
    onEnded: (exitCode: number | null) => onEnded?.(name, exitCode),
  });
  return {
    kafka: createKafka({
      ...(await common("kafka")),
      ...(options.kafkaAdvertisedPort ? { advertisedPort: options.kafkaAdvertisedPort } : {}),
      ...options.kafka,
    }),
    postgres: createPostgres({
      ...(await common("postgres")),
      dataFolder: await postgresDataFolder(folder),
      database: options.database ?? "eventsdb",
      ...(options.memoryBytes === undefined ? {} : { memoryBytes: options.memoryBytes }),
    }),
    s3: createS3({ ...(await common("s3")), bucket: options.bucket ?? "tally-events" }),
  };
}

/** The options that move each port. */
const PORT_OPTIONS: Readonly<Record<PartName, { name: string; option: string }>> = {
  kafka: { name: "Kafka", option: "STACK_KAFKA_PORT" },
  postgres: { name: "PostgreSQL", option: "STACK_POSTGRES_PORT" },
  s3: { name: "S3", option: "STACK_S3_PORT" },
};

function wantedPorts(names: readonly PartName[], ports: StackOptions["ports"]): WantedPort[] {
  return names.map((name) => ({ ...PORT_OPTIONS[name], port: ports?.[name] ?? 0 }));
}

/** Java for Kafka and S3, Maven until their jars are downloaded. */
async function checkPrograms(names: readonly PartName[], options: StackOptions): Promise<void> {
  const env = options.env ?? Bun.env;
  const cacheFolder = options.cacheFolder ?? userCacheFolder(env);
  const programs = [
    ...(names.includes("kafka") ? [KAFKA] : []),
    ...(names.includes("s3") ? [S3PROXY] : []),
  ];
  if (programs.length === 0) return;
  const present = await Promise.all(programs.map((program) => hasJars(program, cacheFolder)));
  const maven = present.every(Boolean) ? undefined : Promise.try(findMaven, env);
  throwAll(await Promise.allSettled([findJava(env), maven]));
}

async function startParts<Name extends PartName>(claimed: {
  readonly parts: Parts;
  readonly names: readonly PartName[];
  readonly folder: string;
  readonly release: () => void;
  readonly onReady: ((part: PartName) => void) | undefined;
}): Promise<Stack<Name>> {
  const { parts, names, folder, release, onReady } = claimed;
  const startOne = async (name: PartName) => {
    await parts[name].start();
    onReady?.(name);
  };
  const stop = async () => {
    for (const name of STOP_ORDER) if (names.includes(name)) await parts[name].stop();
    release();
  };
  try {
    // Waits for all, also when one fails: a stop then finds them settled.
    throwAll(await Promise.allSettled(names.map(startOne)));
  } catch (error) {
    await stop();
    throw error;
  }
  const used = Object.fromEntries(names.map((name) => [name, parts[name]]));
  return { ...used, folder, stop } as unknown as Stack<Name>;
}
