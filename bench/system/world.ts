/**
 * The world of one fault: topics, a database and a role, services and proxies of
 * its own, on the servers that all faults of a run share.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { connectAdmin, type Admin } from "@tally/shared/kafka";
import type { Stack } from "@tally/stack";
import { createTopic, LOOPBACK, REAL_SERVICES, serviceEnv } from "@tally/stack/testing";
import { SQL } from "bun";

import type { Servers } from "./servers.ts";
import { startS3Proxy } from "./s3_proxy.ts";
import { createVerifiedService, type VerifiedService } from "./service_process.ts";
import { startTcpProxy } from "@tally/stack/testing/tcp_proxy";

/** What a fault may ask of its world. */
export interface WorldOptions {
  readonly ingests?: number;
  readonly processors?: number;
  /** Options of the services, over the defaults of a verified run. */
  readonly env?: Readonly<Record<string, string>>;
  /** True: the services are made but not started. */
  readonly isCold?: boolean;
}

export interface World {
  /** Part of every name that this world has made. */
  readonly id: string;
  readonly servers: Servers;
  readonly topic: string;
  readonly folder: string;
  readonly keyPrefix: string;
  readonly ingests: readonly VerifiedService[];
  /** Grows by `addProcessor`. */
  readonly processors: readonly VerifiedService[];
  /** The harness's own connection: as a superuser, without a proxy. */
  readonly sql: SQL;
  readonly database: { readonly name: string; readonly role: string; readonly url: string };
  readonly admin: Admin;
  /** How long an archive object stays open, ms. */
  readonly rotationMs: number;
  /** Makes and starts one more. */
  addProcessor(): Promise<VerifiedService>;
  /** Whatever was broken works again; every service runs. */
  heal(): Promise<void>;
  /** Stops the services and removes what was made. */
  close(): Promise<void>;
}

const ROTATION_MS = 2000;
/** The shortest that Kafka lets a group have: a dead member is noticed soon. */
export const SESSION_MS = 6000;

/** Makes a world; its services are ready unless they were to stay cold. */
export async function createWorld(
  servers: Servers,
  id: string,
  options: WorldOptions = {},
): Promise<World> {
  const { stack, root } = servers;
  const topic = `verify-${id}`;
  const folder = join(stack.folder, "verify", id);
  await mkdir(folder, { recursive: true });
  await createTopic(stack, { topic });
  await createTopic(stack, { topic: `${topic}.DLQ`, partitions: 1 });
  const database = await createOwnedDatabase(stack, id);
  const admin = await connectAdmin({ bootstrapServers: stack.kafka.bootstrapServers });
  const keyPrefix = `verify-${id}`;
  const env = { ...servers.env, ...serviceOptions({ servers, topic, keyPrefix }), ...options.env };
  const parts: Parts = { root, folder, env, stack, database };
  const ingests = await Promise.all(
    numbered("ingest", options.ingests ?? 1).map((name) =>
      createVerifiedService({ ...parts, name, kind: "ingest" }),
    ),
  );
  const processors: VerifiedService[] = [];
  for (const name of numbered("processor", options.processors ?? 1)) {
    processors.push(await createProcessor(parts, name));
  }
  const world: World = {
    id,
    servers,
    topic,
    folder,
    keyPrefix,
    ingests,
    processors,
    database,
    admin,
    sql: new SQL(database.url, { max: 3 }),
    rotationMs: ROTATION_MS,
    async addProcessor() {
      const processor = await createProcessor(parts, `processor-${processors.length + 1}`);
      processors.push(processor);
      await processor.start();
      return processor;
    },
    heal: () => heal(world),
    close: () => close(world),
  };
  if (options.isCold === true) return world;
  try {
    await Promise.all([...ingests, ...processors].map((service) => service.start()));
  } catch (error) {
    // Those that did start must not be there when the next fault runs.
    await close(world);
    throw error;
  }
  return world;
}

interface Parts {
  readonly root: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stack: Stack;
  readonly database: World["database"];
}

function numbered(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);
}

/** A processor goes through proxies of its own, so that one can be cut off and others not. */
async function createProcessor(parts: Parts, name: string): Promise<VerifiedService> {
  const direct = new URL(parts.database.url);
  const postgres = await startTcpProxy({
    host: LOOPBACK,
    port: 0,
    target: { host: direct.hostname, port: Number(direct.port) },
  });
  const s3 = await startS3Proxy({ host: LOOPBACK, port: 0, target: parts.stack.s3.endpoint });
  const url = new URL(direct);
  url.username = parts.database.role;
  url.password = parts.database.role;
  url.port = String(postgres.port);
  const env = { ...parts.env, DATABASE_URL: url.href, S3_ENDPOINT: s3.url };
  return await createVerifiedService({ ...parts, name, kind: "processor", env, postgres, s3 });
}

/** What a service is told, beside what it is told for itself. */
function serviceOptions(world: { servers: Servers; topic: string; keyPrefix: string }) {
  const { servers, topic, keyPrefix } = world;
  return {
    ...REAL_SERVICES,
    ...serviceEnv(servers.stack),
    KAFKA_BOOTSTRAP_SERVERS: `${LOOPBACK}:${servers.kafkaProxy.port}`,
    KAFKA_TOPIC: topic,
    KAFKA_DLQ_TOPIC: `${topic}.DLQ`,
    PROCESSOR_GROUP_PREFIX: topic,
    PROCESSOR_SESSION_TIMEOUT_MS: String(SESSION_MS),
    ARCHIVE_KEY_PREFIX: keyPrefix,
    ARCHIVE_OBJECT_AGE_MS_MAX: String(ROTATION_MS),
  };
}

/** A database whose owner is no superuser: rights can be taken from it. */
async function createOwnedDatabase(stack: Stack, id: string): Promise<World["database"]> {
  const sql = new SQL(stack.postgres.url, { max: 1 });
  const name = `verify_${id}`;
  await sql.unsafe(`create role "${name}" login password '${name}'`);
  await sql.unsafe(`create database "${name}" owner "${name}"`);
  await sql.close();
  const url = new URL(stack.postgres.url);
  url.pathname = `/${name}`;
  return { name, role: name, url: url.href };
}

async function heal({ servers, ingests, processors }: World): Promise<void> {
  servers.kafkaProxy.set({ kind: "pass" });
  servers.kafkaProxy.tap(null);
  for (const { postgres, s3, thaw } of processors) {
    postgres?.set({ kind: "pass" });
    postgres?.tap(null);
    s3?.set({ kind: "pass" });
    s3?.onStep(null);
    thaw();
  }
  const { kafka, postgres, s3 } = servers.stack;
  await Promise.all([kafka.start(), postgres.start(), s3.start()]);
  await Promise.all([...ingests, ...processors].map((service) => service.start()));
}

async function close(world: World): Promise<void> {
  const { ingests, processors, admin, sql, topic, database, servers } = world;
  await Promise.all([...ingests, ...processors].map((service) => service.stop()));
  await Promise.all(processors.flatMap(({ postgres, s3 }) => [postgres?.stop(), s3?.stop()]));
  await admin.deleteTopics([topic, `${topic}.DLQ`]);
  await admin.disconnect();
  await sql.close();
  const server = new SQL(servers.stack.postgres.url, { max: 1 });
  await server.unsafe(`drop database "${database.name}" with (force)`);
  await server.unsafe(`drop role "${database.role}"`);
  await server.close();
}
