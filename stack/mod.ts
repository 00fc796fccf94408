/**
 * The servers that Tally needs, on this machine and without Docker: Kafka,
 * PostgreSQL and S3, each a child process with its data in one folder. Knows
 * nothing of events.
 */
import { resolve } from "node:path";

import { prepareFolder } from "./disk.ts";
import { StackError } from "./error.ts";
import { lockFolder } from "./folder_lock.ts";
import { userCacheFolder } from "./jars.ts";
import type { Env } from "./java.ts";
import { createKafka, type KafkaServer } from "./kafka.ts";
import { checkPorts, freePort, type WantedPort } from "./ports.ts";
import { createPostgres, type PostgresServer } from "./postgres.ts";
import { postgresDataFolder } from "./postgres_home.ts";
import { createS3, type S3Server } from "./s3.ts";
import type { Server } from "./server_process.ts";

export { StackError, type StackErrorCode } from "./error.ts";
export type { KafkaServer } from "./kafka.ts";
export type { PostgresServer } from "./postgres.ts";
export type { S3Server, S3Connection } from "./s3.ts";
export type { Server } from "./server_process.ts";

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
  /** Stops S3, PostgreSQL, Kafka in this order and gives the folder free. */
  stop(): Promise<void>;
};

/** What to start and where. */
export interface StackOptions<Name extends PartName = PartName> {
  /** Holds all data; made when it is missing; one stack at a time. */
  readonly folder: string;
  /** 0 or absent: a free one. */
  readonly ports?: Partial<Readonly<Record<PartName, number>>>;
  /** The parts to start; absent: all. */
  readonly use?: readonly Name[];
  readonly database?: string;
  readonly bucket?: string;
  /** Environment of the servers; absent: that of this process. */
  readonly env?: Env;
  readonly cacheFolder?: string;
  /** Less free space than this is an error (bytes). */
  readonly freeBytesMin?: number;
  /** Steps worth showing, with the part they belong to. */
  readonly onProgress?: (part: PartName, text: string) => void;
  /** A part ended by itself; the stack does not restart it. */
  readonly onEnded?: (part: PartName, exitCode: number | null) => void;
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
  const folder = resolve(options.folder);
  await prepareFolder(folder, options.freeBytesMin);
  const lock = lockFolder(folder);
  const names: readonly PartName[] = options.use ?? PART_NAMES;
  const started: Partial<Record<PartName, Server>> = {};
  const stop = async () => {
    for (const name of STOP_ORDER) await started[name]?.stop();
    lock.release();
  };
  try {
    const parts = await createParts({ ...options, folder });
    for (const name of names) started[name] = parts[name];
    await endEarlier(names, parts);
    await checkPorts(wantedPorts(names, options.ports));
    await startAll(names.map((name) => parts[name]));
    return stackOf(parts, { names, folder, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

const PART_NAMES: readonly PartName[] = ["kafka", "postgres", "s3"];

/** The log of everything stops last. */
const STOP_ORDER: readonly PartName[] = ["s3", "postgres", "kafka"];

async function createParts(options: StackOptions): Promise<Parts> {
  const { folder, ports, onProgress, onEnded } = options;
  const env = options.env ?? Bun.env;
  const cacheFolder = options.cacheFolder ?? userCacheFolder(env);
  const common = async (name: PartName) => ({
    ...{ folder, env, cacheFolder },
    port: ports?.[name] || (await freePort()),
    onProgress: (text: string) => onProgress?.(name, text),
    onEnded: (_: string, exitCode: number | null) => onEnded?.(name, exitCode),
  });
  return {
    kafka: createKafka(await common("kafka")),
    postgres: createPostgres({
      ...(await common("postgres")),
      dataFolder: await postgresDataFolder(folder),
      database: options.database ?? "eventsdb",
    }),
    s3: createS3({ ...(await common("s3")), bucket: options.bucket ?? "tally-events" }),
  };
}

/** Frees the ports that a killed owner's servers still hold, before they are looked at. */
async function endEarlier(names: readonly PartName[], parts: Parts): Promise<void> {
  await Promise.all(names.map((name) => parts[name].endLeftovers()));
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

/** Starts all; when some fail, waits for the others too, so that a stop finds them settled. */
async function startAll(servers: readonly Server[]): Promise<void> {
  const results = await Promise.allSettled(servers.map((server) => server.start()));
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (errors.length === 1) throw errors[0];
  if (errors.length === 0) return;
  const first = errors.find((error) => error instanceof StackError);
  // The same missing Java stops two parts: say it once.
  const messages = [...new Set(errors.map((error) => String(error.message ?? error)))];
  const code = first?.code ?? "server_ended";
  throw new StackError(code, messages.join("\n"), { cause: new AggregateError(errors) });
}

function stackOf<Name extends PartName>(
  parts: Parts,
  rest: { names: readonly PartName[]; folder: string; stop: () => Promise<void> },
): Stack<Name> {
  const used = Object.fromEntries(rest.names.map((name) => [name, parts[name]]));
  return { ...used, folder: rest.folder, stop: rest.stop } as unknown as Stack<Name>;
}
