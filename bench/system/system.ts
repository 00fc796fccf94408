/**
 * Builds one whole system on servers that exist: topics, a database, a key prefix,
 * ingest and processor processes, and proxies between them when it is to be broken.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Bucket } from "@tally/processor/archive/bucket";
import { connectAdmin, type Admin } from "@tally/shared/kafka";
import type { Stack } from "@tally/stack";
import { createTopic, LOOPBACK, REAL_SERVICES, serviceEnv } from "@tally/stack/testing";
import { startKafkaCluster, type KafkaCluster } from "@tally/stack/testing/kafka_cluster";
import { startTcpProxy, type TcpProxy } from "@tally/stack/testing/tcp_proxy";
import { SQL } from "bun";

import { createOwnedDatabase, dropOwnedDatabase, type SystemDatabase } from "./database.ts";
import { createSystemKeys, NO_KEYS, type SystemKeys } from "./keys.ts";
import { startS3Proxy } from "./s3_proxy.ts";
import { createServiceProcess, type ServiceProcess } from "./service.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** How to build a system. */
export interface SystemOptions {
  /** The servers, which outlive the system. */
  readonly stack: Stack;
  /** The first part of every name: 1..50 of `[a-z0-9-]`, not used before on this stack. */
  readonly id: string;
  /** The environment that the services inherit. */
  readonly env: Env;
  /** Options of the services; they win over the environment and the system's defaults. */
  readonly options?: Readonly<Record<string, string>>;
  /** A topic that exists and stays; a new one when absent. */
  readonly topic?: string;
  /** Number of ingest services; one when absent. */
  readonly ingests?: number;
  /** Number of processors; one when absent. */
  readonly processors?: number;
  /**
   * The proxy of Kafka. When it is given, each processor also gets its own proxies for PostgreSQL
   * and S3, so that one processor can be cut off and the others not.
   */
  readonly kafkaProxy?: TcpProxy;
  /** Whether each processor is a group of its own, as if it alone did all the work. */
  readonly hasOwnGroups?: boolean;
  /** Whether requests need keys. */
  readonly hasKeys?: boolean;
  /** libfaketime (faked_clock.ts): when it is given, the clock of each service can be set. */
  readonly clockLibrary?: string;
  /** Whether the dashboard of its first processor sends events to its first ingest. */
  readonly hasPage?: boolean;
  /** Number of brokers of its own, without a proxy; the stack's broker is used when absent. */
  readonly brokers?: number;
}

/** The services of one kind; there is at least one. */
export type Services = readonly [ServiceProcess, ...ServiceProcess[]];

/** A system; its services are made and not yet started. */
export interface System {
  readonly id: string;
  readonly stack: Stack;
  readonly kafkaProxy: TcpProxy | null;
  /** Its own brokers, or null. */
  readonly cluster: KafkaCluster | null;
  readonly topic: string;
  readonly dlqTopic: string;
  /** Holds the logs of the services, and what else is to be kept with them. */
  readonly folder: string;
  readonly database: SystemDatabase;
  /** A connection to the database as a superuser, without a proxy. */
  readonly sql: SQL;
  readonly admin: Admin;
  readonly bucket: Bucket;
  /** What the services run with, without their proxies: for commands of the same system. */
  readonly env: Env;
  readonly keys: SystemKeys;
  readonly ingests: Services;
  /** Grows by `addProcessor()`. */
  readonly processors: Services;
  /** Makes and starts one more. */
  addProcessor(): Promise<ServiceProcess>;
  /** Starts all services; resolves when they are alive; they may not be ready. */
  start(): Promise<void>;
  /** Stops the services and removes everything that the system has made. */
  close(): Promise<void>;
}

/** How long an archive object stays open, ms: a run ends soon after its last event. */
export const OBJECT_AGE_MS = 2000;
export const PARTITIONS = 6;

/** Builds a system; nothing runs before `start()`. */
export async function createSystem(asked: SystemOptions): Promise<System> {
  const { brokers, env: inherited } = asked;
  const cluster = brokers === undefined ? null : await startKafkaCluster(brokers, inherited);
  const options = withCluster(asked, cluster);
  const { stack, id, kafkaProxy } = options;
  const folder = systemFolder(stack, id);
  await mkdir(folder, { recursive: true });
  const topic = options.topic ?? (await createTopics(stack, id, brokers));
  const database = await createOwnedDatabase(stack, id.replaceAll("-", "_"));
  const admin = await connectAdmin({ bootstrapServers: stack.kafka.bootstrapServers });
  const sql = new SQL(database.url, { max: 3 });
  const env = environmentOf(options, { topic, database, folder });
  const { clockLibrary } = options;
  const keys = options.hasKeys === true ? createSystemKeys() : NO_KEYS;
  const { readHeaders } = keys;
  const clocks = clockLibrary === undefined ? {} : { clockLibrary };
  const shared = { folder, env, readHeaders, ...clocks };
  const isBehindProxies = asked.kafkaProxy !== undefined;
  const parts: Parts = { ...shared, stack, isBehindProxies, hasOwnGroups: options.hasOwnGroups };
  const ingests = await createServices(options.ingests, (number) =>
    createServiceProcess({ name: `ingest-${number}`, kind: "ingest", ...shared }),
  );
  // A service reads the environment when it starts, and only now its ingest has an address.
  if (options.hasPage === true) env.DASHBOARD_INGEST_URL = ingests[0].url;
  const processors = await createServices(options.processors, (number) =>
    createProcessor(parts, number),
  );
  if (options.hasPage === true) env.INGEST_CORS_ORIGINS = processors[0].url;
  const system: System = {
    id,
    stack,
    kafkaProxy: kafkaProxy ?? null,
    cluster,
    topic,
    dlqTopic: dlqTopicOf(topic),
    folder,
    database,
    sql,
    admin,
    bucket: bucketOf(stack, id),
    env,
    keys,
    ingests,
    processors,
    async addProcessor() {
      const processor = await createProcessor(parts, processors.length + 1);
      processors.push(processor);
      await processor.start();
      return processor;
    },
    async start() {
      await Promise.all(servicesOf(system).map((service) => service.start()));
      await keys.store(sql);
    },
    close: () => close(system, { isTopicKept: options.topic !== undefined }),
  };
  return system;
}

/** With brokers of its own a system uses neither those of the stack nor their proxy. */
function withCluster(options: SystemOptions, cluster: KafkaCluster | null): SystemOptions {
  if (cluster === null) return options;
  const { kafkaProxy: _, ...others } = options;
  return { ...others, stack: { ...options.stack, kafka: cluster } };
}

/** Builds a system and works on it; it is removed whether the work succeeds or throws. */
export async function withSystem<T>(
  options: SystemOptions,
  work: (system: System) => Promise<T>,
): Promise<T> {
  const system = await createSystem(options);
  try {
    return await work(system);
  } finally {
    await system.close();
  }
}

/** Where a system of this id keeps its logs. */
export function systemFolder({ folder }: Stack, id: string): string {
  return join(folder, "systems", id);
}

/** Makes a topic as `up` does, and the one for its dead letters. @returns The topic. */
export async function createTopics(stack: Stack, topic: string, brokers = 1): Promise<string> {
  await createTopic(stack, { topic, partitions: PARTITIONS, brokers });
  await createTopic(stack, { topic: dlqTopicOf(topic), partitions: 1, brokers });
  return topic;
}

/** The topic of the dead letters of a topic. */
export function dlqTopicOf(topic: string): string {
  return `${topic}.DLQ`;
}

/** Every service of a system. */
export function servicesOf({ ingests, processors }: System): readonly ServiceProcess[] {
  return [...ingests, ...processors];
}

/**
 * Merges, later wins: inherited environment, servers, names of this system, caller's options.
 */
function environmentOf(
  { stack, id, env, options, kafkaProxy, hasKeys }: SystemOptions,
  { topic, database, folder }: Pick<System, "topic" | "database" | "folder">,
): Record<string, string | undefined> {
  const url = new URL(database.url);
  url.username = database.role;
  url.password = database.role;
  return {
    ...env,
    ...REAL_SERVICES,
    ...serviceEnv(stack),
    ...(kafkaProxy === undefined
      ? {}
      : { KAFKA_BOOTSTRAP_SERVERS: `${LOOPBACK}:${kafkaProxy.port}` }),
    DATABASE_URL: url.href,
    KAFKA_TOPIC: topic,
    KAFKA_DLQ_TOPIC: dlqTopicOf(topic),
    PROCESSOR_GROUP_PREFIX: id,
    ARCHIVE_KEY_PREFIX: id,
    ARCHIVE_OBJECT_AGE_MS_MAX: String(OBJECT_AGE_MS),
    // The same on every machine, unless the caller asks for more.
    INGEST_PROCESSES: env.INGEST_PROCESSES || "1",
    TALLY_KEYS: hasKeys === true ? "on" : "off",
    INGEST_KEYS_FILE: join(folder, "ingest-keys.json"),
    ...options,
  };
}

function bucketOf({ s3 }: Stack, keyPrefix: string): Bucket {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = s3;
  return {
    name: bucket,
    endpoint,
    region,
    keyPrefix,
    credentials: { accessKeyId, secretAccessKey },
  };
}

/** Makes services with the numbers 1 to `count`. */
async function createServices(
  count = 1,
  create: (number: number) => Promise<ServiceProcess>,
): Promise<[ServiceProcess, ...ServiceProcess[]]> {
  const services: [ServiceProcess, ...ServiceProcess[]] = [await create(1)];
  for (let number = 2; number <= count; number += 1) services.push(await create(number));
  return services;
}

interface Parts {
  readonly stack: Stack;
  readonly folder: string;
  readonly env: Env;
  readonly readHeaders: Readonly<Record<string, string>>;
  readonly clockLibrary?: string;
  readonly isBehindProxies: boolean;
  readonly hasOwnGroups: boolean | undefined;
}

async function createProcessor(parts: Parts, number: number): Promise<ServiceProcess> {
  const { stack, isBehindProxies, hasOwnGroups, ...shared } = parts;
  const group = `${parts.env.PROCESSOR_GROUP_PREFIX}-${number}`;
  const env = hasOwnGroups === true ? { ...parts.env, PROCESSOR_GROUP_PREFIX: group } : parts.env;
  const options = { name: `processor-${number}`, kind: "processor", ...shared, env } as const;
  if (!isBehindProxies) return await createServiceProcess(options);
  const url = new URL(env.DATABASE_URL ?? "");
  const target = { host: url.hostname, port: Number(url.port) };
  const postgres = await startTcpProxy({ host: LOOPBACK, port: 0, target });
  const s3 = await startS3Proxy({ host: LOOPBACK, port: 0, target: stack.s3.endpoint });
  url.port = String(postgres.port);
  const proxied = { ...env, DATABASE_URL: url.href, S3_ENDPOINT: s3.url };
  return await createServiceProcess({ ...options, env: proxied, postgres, s3 });
}

async function close(
  system: System,
  { isTopicKept }: { readonly isTopicKept: boolean },
): Promise<void> {
  const { processors, admin, sql, topic, dlqTopic, database, stack } = system;
  await Promise.all(servicesOf(system).map((service) => service.stop()));
  await Promise.all(processors.flatMap(({ postgres, s3 }) => [postgres?.stop(), s3?.stop()]));
  if (!isTopicKept) await admin.deleteTopics([topic, dlqTopic]);
  await admin.disconnect();
  await sql.close();
  await system.cluster?.end();
  await dropOwnedDatabase(stack, database);
}
