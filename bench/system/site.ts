/**
 * Where one round happens: a topic, a database and services of its own with their
 * default settings (but for one), on the servers that the whole run shares.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { OPTIONS } from "@tally/shared";
import { connectAdmin, type Admin } from "@tally/shared/kafka";
import {
  createDatabase,
  createTopic,
  eventually,
  REAL_SERVICES,
  serviceEnv,
} from "@tally/stack/testing";
import { SQL } from "bun";

import type { Bucket } from "@tally/processor/archive/bucket";
import type { DatabaseAddress } from "@tally/processor/database/read_only";
import { createVerifiedService, isReady, type VerifiedService } from "./service_process.ts";
import type { Bench } from "../end_to_end/figure.ts";

export interface Site {
  /** Part of every name that this site has made. */
  readonly id: string;
  readonly topic: string;
  readonly database: DatabaseAddress;
  /** As a superuser. */
  readonly sql: SQL;
  readonly bucket: Bucket;
  readonly admin: Admin;
  /** None runs before it is started. */
  readonly ingest: VerifiedService;
  readonly processors: readonly VerifiedService[];
  /** Stops the services and removes what was made. */
  close(): Promise<void>;
}

export interface SiteOptions {
  /** A topic that is there already and stays; a new one when absent. */
  readonly topic?: string;
  readonly processors?: number;
  /** Options of the services, over their defaults. */
  readonly env?: Readonly<Record<string, string>>;
}

export const PARTITIONS = 6;

/**
 * Objects are closed by their lines at all rates above 3,000 events a second; the last ones of a
 * round would wait a minute by default.
 */
const OBJECT_AGE_MS = 2000;

/** Blank means the default: what the user has set is not what is measured. */
const DEFAULTS = Object.fromEntries(
  Object.values(OPTIONS)
    .flatMap((section) => Object.values<{ readonly env: string }>(section))
    .map(({ env }) => [env, ""]),
);

/** Makes a site; its services are made and not started. */
export async function createSite(bench: Bench, options: SiteOptions = {}): Promise<Site> {
  const { stack, root } = bench;
  const id = `bench-${bench.newName()}`;
  const folder = join(stack.folder, "bench", id);
  await mkdir(folder, { recursive: true });
  const topic = options.topic ?? (await createLog(bench, id));
  const name = id.replaceAll("-", "_");
  const url = await createDatabase(stack, name);
  const admin = await connectAdmin({ bootstrapServers: stack.kafka.bootstrapServers });
  const env = {
    ...bench.env,
    ...REAL_SERVICES,
    ...DEFAULTS,
    ...serviceEnv(stack),
    DATABASE_URL: url,
    KAFKA_TOPIC: topic,
    KAFKA_DLQ_TOPIC: `${topic}.DLQ`,
    PROCESSOR_GROUP_PREFIX: id,
    ARCHIVE_KEY_PREFIX: id,
    ARCHIVE_OBJECT_AGE_MS_MAX: String(OBJECT_AGE_MS),
    ...options.env,
  };
  const parts = { root, folder, env };
  const ingest = await createVerifiedService({ ...parts, name: "ingest", kind: "ingest" });
  const processors: VerifiedService[] = [];
  for (let number = 1; number <= (options.processors ?? 1); number += 1) {
    const each = { ...parts, name: `processor-${number}`, kind: "processor" } as const;
    processors.push(await createVerifiedService(each));
  }
  const sql = new SQL(url, { max: 2 });
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = stack.s3;
  return {
    id,
    topic,
    database: { url, schema: "public" },
    sql,
    bucket: {
      name: bucket,
      endpoint,
      region,
      keyPrefix: id,
      credentials: { accessKeyId, secretAccessKey },
    },
    admin,
    ingest,
    processors,
    async close() {
      await Promise.all([ingest, ...processors].map((service) => service.stop()));
      if (options.topic === undefined) await admin.deleteTopics([topic, `${topic}.DLQ`]);
      await admin.disconnect();
      await sql.close();
      await dropDatabase(bench, name);
    },
  };
}

/** Makes a topic like the one of `up`, and the one for its dead letters. */
export async function createLog({ stack }: Pick<Bench, "stack">, topic: string): Promise<string> {
  await createTopic(stack, { topic, partitions: PARTITIONS });
  await createTopic(stack, { topic: `${topic}.DLQ`, partitions: 1 });
  return topic;
}

/** Works on a new site, which is removed whatever happens. */
export async function onSite<T>(
  bench: Bench,
  options: SiteOptions,
  work: (site: Site) => Promise<T>,
): Promise<T> {
  const site = await createSite(bench, options);
  try {
    return await work(site);
  } finally {
    await site.close();
  }
}

const READY_MS_MAX = 30_000;

/** Starts services and waits until they can work. */
export async function startReady(services: readonly VerifiedService[]): Promise<void> {
  await Promise.all(
    services.map(async (service) => {
      await service.start();
      const isUp = await eventually(() => isReady(service), READY_MS_MAX);
      if (!isUp) throw new Error(`Cannot use ${service.name}: it is not ready in time`);
    }),
  );
}

async function dropDatabase({ stack }: Bench, name: string): Promise<void> {
  const server = new SQL(stack.postgres.url, { max: 1 });
  await server.unsafe(`drop database "${name}" with (force)`);
  await server.close();
}
