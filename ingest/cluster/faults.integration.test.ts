/** What an operator may get wrong with Kafka, as ingest shows it. */
import { loadConfig, type Log, type RunningService } from "@tally/shared";
import { connectAdmin } from "@tally/shared/kafka";
import { KAFKA_MISTAKES, loginOptions, type KafkaMistake } from "@tally/shared/kafka/testing";
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

const MISTAKES: readonly KafkaMistake[] = [
  ...KAFKA_MISTAKES,
  {
    title: "a name that cannot be resolved",
    options: () => ({ KAFKA_BOOTSTRAP_SERVERS: "nowhere.invalid:9092" }),
    remedy: "cannot be resolved",
  },
  {
    title: "a missing right",
    options: (guarded) => ({ ...loginOptions(guarded), KAFKA_SASL_USERNAME: "limited" }),
    remedy: "Kafka's ACLs",
  },
];

describe("ingest names", () => {
  test.each(MISTAKES)(
    "$title: once in the log, in health, with quick 503s",
    async ({ options, remedy }) => {
      const { service, lines } = await startWith(options(kafka));
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
