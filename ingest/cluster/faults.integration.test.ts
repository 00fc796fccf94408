/** What an operator may get wrong with Kafka, as ingest shows it. */
import { loadConfig, type Log, type RunningService } from "@tally/shared";
import { connectAdmin } from "@tally/shared/kafka";
import { measureAwake } from "@tally/stack/testing/awake_time";
import { startGuardedKafka, type GuardedKafka } from "@tally/stack/testing/guarded_kafka";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { start } from "../main.ts";
import { EVENT, post, until } from "../testing/faked_ingest.ts";

let kafka: GuardedKafka;
beforeAll(async () => {
  kafka = await startGuardedKafka();
  const admin = await connectAdmin({ bootstrapServers: kafka.plain });
  await admin.createTopics([{ topic: "events", partitions: 3, replicationFactor: 1, config: {} }]);
  await admin.disconnect();
}, 60_000);
afterAll(() => kafka.end());

/** Starts ingest with options, and keeps what it logs about Kafka. */
async function startWith(env: Record<string, string>) {
  const lines: { level: string; reason: string; text: string }[] = [];
  const write = (level: string) => (fields: { reason?: string; remedy?: string }, text: string) => {
    if (text.startsWith("Kafka")) {
      lines.push({ level, reason: fields.reason ?? fields.remedy ?? "", text });
    }
  };
  const log = { info: write("info"), warn: write("warn"), error: write("error") };
  const config = loadConfig({ INGEST_PORT: "0", ...env }, "ingest");
  const service = await start(config, { log: log as unknown as Log, stopNoticeMs: 0 });
  return { service, lines };
}

const login = (): Record<string, string> => ({
  KAFKA_BOOTSTRAP_SERVERS: kafka.login,
  KAFKA_SECURITY_PROTOCOL: "sasl_plaintext",
  KAFKA_SASL_MECHANISM: "PLAIN",
  KAFKA_SASL_USERNAME: "tally",
  KAFKA_SASL_PASSWORD: "right",
});

type Fault = [title: string, env: () => Record<string, string>, remedy: string];

const FAULTS: Fault[] = [
  [
    "a topic that does not exist",
    () => ({ KAFKA_BOOTSTRAP_SERVERS: kafka.plain, KAFKA_TOPIC: "never-made" }),
    "topic does not exist",
  ],
  [
    "a name that cannot be resolved",
    () => ({ KAFKA_BOOTSTRAP_SERVERS: "nowhere.invalid:9092" }),
    "cannot be resolved",
  ],
  ["a wrong password", () => ({ ...login(), KAFKA_SASL_PASSWORD: "wrong" }), "refused the login"],
  [
    "a certificate that is not trusted",
    () => ({ KAFKA_BOOTSTRAP_SERVERS: kafka.tls, KAFKA_SECURITY_PROTOCOL: "ssl" }),
    "KAFKA_SSL_CA_LOCATION",
  ],
  [
    "no login at a listener that wants one",
    () => ({ KAFKA_BOOTSTRAP_SERVERS: kafka.login }),
    "speaks sasl_plaintext, with a login by PLAIN, and KAFKA_SECURITY_PROTOCOL is plaintext",
  ],
  [
    "a login at a listener that wants none",
    () => ({ ...login(), KAFKA_BOOTSTRAP_SERVERS: kafka.plain }),
    "KAFKA_SECURITY_PROTOCOL",
  ],
  [
    "no TLS at a listener that wants it",
    () => ({ KAFKA_BOOTSTRAP_SERVERS: kafka.tls }),
    "speaks ssl or sasl_ssl, and KAFKA_SECURITY_PROTOCOL is plaintext",
  ],
  [
    "TLS at a listener without it",
    () => ({ KAFKA_BOOTSTRAP_SERVERS: kafka.plain, KAFKA_SECURITY_PROTOCOL: "ssl" }),
    "KAFKA_SECURITY_PROTOCOL",
  ],
  ["a missing right", () => ({ ...login(), KAFKA_SASL_USERNAME: "limited" }), "Kafka's ACLs"],
];

describe("ingest names", () => {
  test.each(FAULTS)(
    "%s: once in the log, in health, with quick 503s",
    async (_title, env, remedy) => {
      const { service, lines } = await startWith(env());
      try {
        await until(() => lines.length > 0);
        const { value: answers, ms } = await measureAwake(() =>
          Promise.all(Array.from({ length: 20 }, () => post(service.url, EVENT))),
        );

        expect(lines).toMatchObject([{ level: "error", reason: expect.stringContaining(remedy) }]);
        expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(503));
        expect(answers[0]?.headers.get("retry-after")).toBe("1");
        expect(ms).toBeLessThan(2000);
        expect(await health(service, "/health/ready")).toMatchObject({
          status: "DOWN",
          reason: expect.stringContaining(remedy),
        });
        expect(await health(service, "/actuator/health")).toMatchObject({
          components: {
            kafka: {
              status: "CONFIGURATION",
              details: { remedy: expect.stringContaining(remedy) },
            },
          },
        });
        expect(lines).toHaveLength(1);
      } finally {
        await service.stop();
      }
    },
    30_000,
  );

  test("a listener that advertises another host", async () => {
    const { service, lines } = await startWith({ KAFKA_BOOTSTRAP_SERVERS: kafka.elsewhere });
    try {
      await until(() => lines.length > 0);
      const { value: answer, ms } = await measureAwake(() => post(service.url, EVENT));

      expect(lines[0]?.reason).toContain("advertised.listeners");
      expect(answer.status).toBe(503);
      expect(ms).toBeLessThan(2000);
    } finally {
      await service.stop();
    }
  }, 30_000);

  test("no topic that it was the first to name", async () => {
    const admin = await connectAdmin({ bootstrapServers: kafka.plain });

    expect(await admin.describeTopic("never-made")).toBeNull();
    await admin.disconnect();
  });
});

async function health({ url }: RunningService, path: string): Promise<unknown> {
  return (await fetch(`${url}${path}`)).json();
}
