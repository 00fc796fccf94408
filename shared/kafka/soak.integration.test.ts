import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { runChild } from "./testing/child.ts";
import { type TestKafka, testKafka } from "./testing/test_kafka.ts";

const MEGABYTE = 1_000_000;
const TEST_MS_MAX = 300_000; // Seconds on a quiet machine; other tests may use its cores.

let kafka: TestKafka;
beforeAll(async () => {
  kafka = await testKafka();
});
afterAll(() => kafka.close());

describe("a client under load", () => {
  test(
    "the client keeps 200,000 records whole when garbage is collected every 20 ms",
    async () => {
      const topic = await kafka.newTopic(6);
      const args = [kafka.connection.bootstrapServers, topic, "200000"];

      const { exitCode, output, errors } = await runChild("gc_under_load", args);

      expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: "" });
      const found = JSON.parse(output) as { collections: number };
      expect(found).toMatchObject({ received: 200_000, answers: 200_000, broken: 0 });
      expect(found.collections).toBeGreaterThan(20);
    },
    TEST_MS_MAX,
  );

  test(
    "the producer's memory is flat over 3,000,000 records",
    async () => {
      const topic = await kafka.newTopic(6);
      const args = [kafka.connection.bootstrapServers, topic, "3000000", "6"];

      const { exitCode, output, errors } = await runChild("memory_soak", args);

      expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: "" });
      const result = JSON.parse(output) as { answers: number; failures: number; samples: number[] };
      expect(result).toMatchObject({ answers: 3_000_000, failures: 0 });
      // After the first third the pools are filled; 20 MB is 10 bytes a record of the rest.
      const growth = Math.max(...result.samples.slice(3)) - (result.samples[1] ?? 0);
      expect(growth).toBeLessThan(20 * MEGABYTE);
      expect(Math.max(...result.samples)).toBeLessThan(250 * MEGABYTE);
    },
    TEST_MS_MAX,
  );

  test(
    "memory, threads and open files don't grow over 50 times connect and disconnect",
    async () => {
      const topic = await kafka.newTopic(2);
      const args = [kafka.connection.bootstrapServers, topic, "50"];

      const { exitCode, output, errors } = await runChild("connect_cycles", args);

      expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: "" });
      const samples = JSON.parse(output) as { rss: number; threads: number; files: number }[];
      expect(samples).toHaveLength(50);
      const growth = (of: "rss" | "threads" | "files"): number =>
        Math.max(...samples.slice(40).map((sample) => sample[of])) -
        Math.max(...samples.slice(5, 15).map((sample) => sample[of]));
      expect(growth("threads")).toBeLessThanOrEqual(2); // The pool's threads come and go.
      expect(growth("files")).toBeLessThanOrEqual(2);
      expect(growth("rss")).toBeLessThan(10 * MEGABYTE);
    },
    TEST_MS_MAX,
  );
});
