/** What an operator may get wrong with Kafka, as the processor shows it. */
import { eventually, loadConfig, type Log, type RunningService } from "@tally/shared";
import { connectAdmin } from "@tally/shared/kafka";
import { KAFKA_MISTAKES } from "@tally/shared/kafka/testing";
import { startGuardedKafka, type GuardedKafka } from "@tally/stack/testing/guarded_kafka";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { start } from "./main.ts";

let kafka: GuardedKafka;
beforeAll(async () => {
  kafka = await startGuardedKafka();
}, 60_000);
afterAll(() => kafka.end());

/** A client repeats a refused login or handshake with growing pauses. */
const REMEDY_MS_MAX = 30_000;

/** Starts the processor with options; `onLine` gets what it logs. */
function startWith(
  env: Record<string, string>,
  onLine: (fields: { remedy?: string }, text: string) => void,
) {
  const log = { info: onLine, warn: onLine, error: onLine } as unknown as Log;
  const fixed = {
    PROCESSOR_PORT: "0",
    S3_ENABLED: "false",
    // Nothing listens there: what is looked at needs no database.
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
  };
  return start(loadConfig({ ...fixed, ...env }, "processor"), { log });
}

interface ShownHealth {
  readonly components: { readonly kafka: { readonly status: string } };
}

async function health({ url }: RunningService): Promise<ShownHealth> {
  return (await fetch(`${url}/actuator/health`)).json() as Promise<ShownHealth>;
}

test.each(KAFKA_MISTAKES)(
  "the processor names $title: once in the log, and in health",
  async ({ options, remedy }) => {
    const remedies: string[] = [];
    const service = await startWith(options(kafka), (fields, text) => {
      if (text.includes("Kafka: an operator")) remedies.push(fields.remedy ?? "");
    });
    try {
      await eventually(() => remedies.length > 0, REMEDY_MS_MAX);

      expect(await health(service)).toMatchObject({
        components: {
          kafka: { status: "CONFIGURATION", details: { remedy: expect.stringContaining(remedy) } },
        },
      });
      // Long enough for further attempts, which fail in the same way.
      await Bun.sleep(2000);
      expect(remedies).toEqual([expect.stringContaining(remedy)]);
    } finally {
      await service.stop();
    }
  },
  60_000,
);

test("the processor names a missing topic of dead letters as soon as it has started", async () => {
  const admin = await connectAdmin({ bootstrapServers: kafka.plain });
  await admin.createTopics([{ topic: "here", partitions: 1, replicationFactor: 1, config: {} }]);
  const remedies: string[] = [];
  const env = {
    KAFKA_BOOTSTRAP_SERVERS: kafka.plain,
    KAFKA_TOPIC: "here",
    KAFKA_DLQ_TOPIC: "not-here",
  };
  const service = await startWith(env, (fields, text) => {
    if (text.includes("topic of dead letters is missing")) remedies.push(fields.remedy ?? "");
  });
  try {
    expect(await eventually(() => remedies.length > 0, 3000)).toBe(true);

    const remedy = expect.stringContaining("Create the topic not-here");
    expect(remedies).toEqual([remedy]);
    const isKnown = async () => (await health(service)).components.kafka.status !== "UNKNOWN";
    expect(await eventually(isKnown, 3000)).toBe(true);
    expect(await health(service)).toMatchObject({
      components: {
        kafka: { status: "UP" },
        deadLetterTopic: { status: "CONFIGURATION", details: { remedy } },
      },
    });
    expect(await admin.describeTopic("not-here")).toBeNull();
  } finally {
    await service.stop();
    await admin.disconnect();
  }
});
