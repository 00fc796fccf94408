/**
 * Secrets stay secret: services with a canary in every secret option, given as variables or as
 * files, meet the errors that secrets cause, and nothing that they write or answer has a canary.
 */
import { eventually, OPTIONS, runCommand } from "@tally/shared";
import { connectProducer } from "@tally/shared/kafka";
import {
  createTopic,
  freePort,
  REAL_SERVICES,
  runningProcesses,
  serviceEnv,
  testNames,
  testStack,
} from "@tally/stack/testing";
import type { Stack } from "@tally/stack";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServiceProcess, type ServiceProcess } from "./service.ts";

const TEST_MS_MAX = 120_000;
/** How long the error of a secret may take to be logged. */
const LOG_MS_MAX = 40_000;
const ROOT = join(import.meta.dir, "..", "..");
/** A part of every secret; short enough for all of their forms. */
const CANARY = `canary${Bun.randomUUIDv7().replaceAll("-", "").slice(-16)}`;
/** What a sender might present as a key. */
const KEY = `tally_${CANARY}`.padEnd(49, "A");

let stack: Stack;
let folder = "";
const services: ServiceProcess[] = [];

beforeAll(async () => {
  stack = await testStack();
  folder = await mkdtemp(join(tmpdir(), "tally-canaries-"));
  const key = ["-newkey", "rsa:2048", "-passout", "pass:another", "-keyout", "client.key"];
  const certificate = [
    "openssl",
    "req",
    "-x509",
    ...key,
    "-subj",
    "/CN=tally",
    "-out",
    "client.crt",
  ];
  const { exitCode, output } = await runCommand(certificate, { env: Bun.env, cwd: folder });
  if (exitCode !== 0) throw new Error(`Cannot make a certificate: ${output}`);
}, TEST_MS_MAX);
afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await rm(folder, { recursive: true });
});

/** The parts of an option that say whether it is one secret. */
interface Row {
  readonly env: string;
  readonly secret: boolean;
  readonly readAll?: unknown;
}

/** A canary in every secret option of every service. */
function canaries(): Record<string, string> {
  const url = new URL(stack.postgres.url);
  url.password = CANARY;
  const rows = Object.values(OPTIONS).flatMap((section) => Object.values<Row>(section));
  const secrets = rows.filter(({ secret, readAll }) => secret && readAll === undefined);
  const values = secrets.map(({ env }) => [env, env.endsWith("_URL") ? url.href : CANARY] as const);
  return { ...Object.fromEntries(values), KAFKA_RDKAFKA_SSL_KEYSTORE_PASSWORD: CANARY };
}

/** The same as files. */
async function asFiles(secrets: Record<string, string>): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(secrets)) {
    const path = join(folder, name.toLowerCase());
    await Bun.write(path, `${value}\n`);
    env[`${name}_FILE`] = path;
  }
  return env;
}

type Kind = "ingest" | "processor";

/** Makes a topic with one event, so that there is something to archive. */
async function filledTopic(): Promise<string> {
  const { topic } = testNames();
  await createTopic(stack, { topic, partitions: 1 });
  await createTopic(stack, { topic: `${topic}.DLQ`, partitions: 1 });
  const producer = await connectProducer(stack.kafka, {
    lingerMs: 1,
    messageTimeoutMs: 10_000,
    queueRecordsMax: 10,
    queueBytesMax: 10_000,
    compression: "none",
    connectTimeoutMs: 10_000,
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  const value = Buffer.from('{"eventId":"e","sessionId":"s","eventType":"t","payload":1}');
  producer.produceBatch(topic, [{ key: "s", value, timestampMs: Date.now() }], () => resolve());
  await promise;
  await producer.disconnect(1000);
  return topic;
}

async function startService(name: string, kind: Kind, env: Record<string, string>) {
  const { schema } = testNames();
  const topic = await filledTopic();
  // Other tests of the same process set some, and a secret with its `_FILE` is refused.
  const base = withoutSecrets({ ...Bun.env, ...REAL_SERVICES, ...serviceEnv(stack) });
  const own = {
    KAFKA_TOPIC: topic,
    KAFKA_DLQ_TOPIC: `${topic}.DLQ`,
    ARCHIVE_OBJECT_AGE_MS_MAX: "1000",
    DATABASE_SCHEMA: schema,
    INGEST_PROCESSES: "2",
    INGEST_KEYS_FILE: join(folder, `${name}-keys.json`),
  };
  const all = { ...base, ...own, LOG_LEVEL: "debug", ...env };
  const service = await createServiceProcess({ name, kind, folder, env: all, readHeaders: {} });
  services.push(service);
  await service.start();
  return service;
}

function withoutSecrets<Value>(env: Record<string, Value>): Record<string, Value> {
  const secrets = new Set(Object.keys(canaries()));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.has(name)));
}

/** Waits until the log names what is to be corrected: the error has happened. */
async function untilLogged({ name, logPath }: ServiceProcess, text: string): Promise<void> {
  const isLogged = async () => (await readFile(logPath, "utf8")).includes(text);
  if (await eventually(isLogged, LOG_MS_MAX)) return;
  const log = (await readFile(logPath, "utf8")).slice(-3000);
  throw new Error(`Cannot judge ${name}: its log lacks "${text}":\n${log}`);
}

/** Everything that a service answers, to requests that present a canary as their key, too. */
async function answersOf({ url }: ServiceProcess): Promise<string[]> {
  const paths = ["/openapi.json", "/metrics", "/actuator/health", "/health/ready", "/events"];
  const settings = `/v1/projects/${KEY}/settings`;
  const headers = [{}, { authorization: `Bearer ${KEY}` }, { "x-api-key": KEY }];
  const basic = { authorization: `Basic ${btoa(`${KEY}:`)}` };
  const requests = [...headers, basic].flatMap((sent) => [
    ...[...paths, settings, `/${CANARY}`].map((path) => ({ path, init: { headers: sent } })),
    ...["/events", "/v1/batch", "/api/session", "/dead-letters/resend"].map((path) => ({
      path,
      init: {
        method: "POST",
        headers: { ...sent, "content-type": "application/json" },
        body: JSON.stringify({ writeKey: KEY, key: KEY, batch: [CANARY], events: [CANARY] }),
      },
    })),
  ]);
  return Promise.all(
    requests.map(async ({ path, init }) => {
      const response = await fetch(`${url}${path}`, init);
      const body = await response.text();
      // Segment's SDKs get back the key that they ask with; no log may have it.
      const shown = path === settings && response.ok ? body.replaceAll(KEY, "") : body;
      return `${JSON.stringify([...response.headers])} ${shown}`;
    }),
  );
}

/** Where a canary is, among texts by their source. */
function leaks(texts: ReadonlyMap<string, string>): string[] {
  return [...texts].flatMap(([source, text]) => {
    const at = text.indexOf(CANARY);
    return at === -1 ? [] : [`${source}: …${text.slice(Math.max(0, at - 80), at + 40)}`];
  });
}

test.each([
  ["variables", (secrets: Record<string, string>) => Promise.resolve(secrets)],
  ["files", asFiles],
])(
  "no log, answer or command line has a secret that was given as %s",
  async (form, give) => {
    const env = { ...(await give(canaries())), TALLY_KEYS: "on" };
    const sasl = {
      KAFKA_SECURITY_PROTOCOL: "sasl_plaintext",
      KAFKA_SASL_MECHANISM: "PLAIN",
      KAFKA_SASL_USERNAME: "someone",
    };
    const ssl = {
      KAFKA_SECURITY_PROTOCOL: "ssl",
      KAFKA_SSL_CERTIFICATE_LOCATION: join(folder, "client.crt"),
      KAFKA_SSL_KEY_LOCATION: join(folder, "client.key"),
    };
    // The store of tests refuses a session's token before it looks at the keys.
    const absent = { AWS_SESSION_TOKEN: "", AWS_SESSION_TOKEN_FILE: "", DATABASE_URL_FILE: "" };
    const rightDatabase = { ...env, ...absent, DATABASE_URL: stack.postgres.url };
    const [ingest, database, archive] = await Promise.all([
      startService(`ingest-${form}`, "ingest", { ...env, ...sasl }),
      startService(`processor-${form}`, "processor", env),
      startService(`processor-s3-${form}`, "processor", rightDatabase),
      // Its client can't be made with this password: it may end at once.
      startService(`ingest-ssl-${form}`, "ingest", { ...env, ...ssl }).catch(() => null),
    ]);
    await untilLogged(ingest, "Kafka");
    await untilLogged(database, "Correct the user and the password in DATABASE_URL");
    await untilLogged(archive, "AWS_ACCESS_KEY_ID");

    const found = new Map<string, string>();
    for (const service of [ingest, database, archive]) {
      const answers = await answersOf(service);
      for (const [index, answer] of answers.entries())
        found.set(`${service.name} ${index}`, answer);
    }
    for (const { name, logPath } of services) found.set(name, await readFile(logPath, "utf8"));
    for (const { pid, argv } of await runningProcesses()) found.set(`${pid}`, argv.join(" "));

    expect(leaks(found)).toEqual([]);
  },
  TEST_MS_MAX,
);

test.each(["ingest", "processor"] as const)(
  "the refusal of %s to start with malformed secrets has none of them",
  async (kind) => {
    const port = String(await freePort());
    const malformed = { DATABASE_URL: `mysql://u:${CANARY}@h/d?${CANARY}=${CANARY}` };
    const env = { ...Bun.env, ...REAL_SERVICES, INGEST_PORT: port, PROCESSOR_PORT: port };
    const secrets = { ...canaries(), ...malformed, INGEST_PORT: "none", PROCESSOR_PORT: "none" };
    const command = [process.execPath, join(ROOT, kind, "main.ts")];

    const { exitCode, output } = await runCommand(command, { env: { ...env, ...secrets } });

    expect(exitCode).toBe(1);
    expect(output).toContain("PORT must be");
    expect(output).not.toContain(CANARY);
  },
  TEST_MS_MAX,
);
