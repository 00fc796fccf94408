/** What the processor logs while a dependency is absent. All dependencies are fakes. */
import { describe, expect, test } from "bun:test";
import {
  PipelineError,
  createMetrics,
  loadConfig,
  monotonicNow,
  silentLog,
  wallNow,
  type Log,
} from "@tally/shared";
import type { Database } from "@tally/shared/database";
import type { LetterTopic } from "./dead_letters/letter_topic.ts";
import type { TopicReader } from "./pipeline/topic.ts";
import type { ObjectStore } from "./archive/object_store.ts";
import { createStoreAnswers } from "./live/store_answers.ts";
import { until } from "./pipeline/testing/pipeline.ts";
import { startProcessing } from "./bring_up.ts";

/** The shortest pause while an operator has to act: half of a second's back-off. */
const OPERATOR_MS_MIN = 500;

/** A processor whose dependencies are absent, until `store` is made to answer. */
function start(
  storeError = new PipelineError("archive_unavailable", "away"),
  kafkaError = new PipelineError("broker_unavailable", "away"),
  databaseError: Error = new Error("away"),
) {
  const config = loadConfig({ PROCESSOR_BACKOFF_MS_MAX: "100" }, "processor");
  const lines: string[] = [];
  const looks = { kafka: 0, postgres: 0, s3: 0 };
  let isStoreThere = false;
  const topic = {
    describe: () => {
      looks.kafka += 1;
      return Promise.reject(kafkaError);
    },
  } as unknown as TopicReader;
  const sql = (() => {
    looks.postgres += 1;
    return Promise.reject(databaseError);
  }) as unknown as Database;
  const store = {
    reach: async () => {
      looks.s3 += 1;
      if (!isStoreThere) throw storeError;
    },
  } as unknown as ObjectStore;
  const note = (_: unknown, text: string) => lines.push(text);
  const log = { ...silentLog(), warn: note, error: note };
  const metrics = createMetrics("processor");
  const onDefect = (error: unknown) => lines.push(String(error));
  const clock = { wallNow, monotonicNow, random: () => 0 };
  const options = {
    config,
    sql,
    topic,
    store,
    storeAnswers: createStoreAnswers({ wallNow, monotonicNow }),
    letterTopic: {} as LetterTopic,
    log: log as unknown as Log,
    metrics,
    onDefect,
    ...clock,
  };
  const processing = startProcessing(options);
  return { processing, lines, looks, findStore: () => (isStoreThere = true) };
}

describe("startProcessing()", () => {
  test("startProcessing() logs once for each service that it waits for it", async () => {
    const { processing, lines, looks } = start();

    await until(() => Object.values(looks).every((count) => count > 2));
    await processing.stop(1000);

    expect(lines.toSorted()).toEqual([
      "Waiting for Kafka.",
      "Waiting for PostgreSQL.",
      "Waiting for S3.",
    ]);
  });

  test("startProcessing() logs once what an operator must change, and shows it", async () => {
    const remedy = "Grant s3:ListBucket.";
    const startedMs = performance.now();
    const { processing, lines, looks } = start(
      new PipelineError("archive_misconfigured", "refused", { remedy }),
    );

    await until(() => looks.postgres > 5);
    const seen = [processing.states().s3, processing.remedies().s3];
    const mostLooks = 1 + (performance.now() - startedMs) / OPERATOR_MS_MIN;
    await processing.stop(1000);

    expect(seen).toEqual(["configuration", remedy]);
    expect(looks.s3).toBeLessThanOrEqual(mostLooks);
    expect(lines).toContain("Waiting for a change of S3: an operator must act.");
  });

  test("startProcessing() logs once what an operator must change in Kafka, and shows it", async () => {
    const remedy = "Create the topic";
    const { processing, lines, looks } = start(
      undefined,
      new PipelineError("broker_misconfigured", "missing", { remedy }),
    );

    await until(() => looks.postgres > 5);
    const seen = [processing.states().kafka, processing.remedies().kafka];
    await processing.stop(1000);

    expect(seen).toEqual(["configuration", remedy]);
    expect(lines).toContain("Waiting for a change of Kafka: an operator must act.");
  });

  test("startProcessing() knows the state of the store before anything is archived", async () => {
    const { processing, looks, findStore } = start();
    await until(() => looks.s3 > 1);
    const before = processing.states().s3;

    findStore();
    await until(() => processing.states().s3 === "up");
    const found = looks.s3;
    await until(() => looks.postgres > 5);
    await processing.stop(1000);

    expect(before).toBe("down");
    expect(looks.s3).toBe(found);
  });

  test("startProcessing() shows the right that the role of the database lacks", async () => {
    const remedy = "Run as the owner of the tables: grant insert on web_events to r;";
    const lacks = new PipelineError("database_misconfigured", "Cannot write", { remedy });
    const { processing, lines, looks } = start(undefined, undefined, lacks);

    await until(() => looks.postgres > 1);
    const [state, shown] = [processing.states().postgres, processing.remedies().postgres];
    await processing.stop(1000);

    expect([state, shown]).toEqual(["configuration", remedy]);
    expect(lines.filter((line) => line.includes("an operator must act"))).toHaveLength(1);
  });

  test("startProcessing() ends the process when only another configuration can help", async () => {
    const unfit = new PipelineError("config_invalid", "Cannot use the encoding LATIN1");
    const { processing, lines, looks } = start(undefined, undefined, unfit);

    await until(() => lines.some((line) => line.includes("LATIN1")));
    await processing.stop(1000);

    expect(looks.postgres).toBe(1);
  });
});
