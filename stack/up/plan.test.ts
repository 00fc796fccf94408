import { loadConfig } from "@tally/shared";
import { expect, test } from "bun:test";

import { planStack, type Plan } from "./plan.ts";

test("planStack() starts everything that the environment does not name", () => {
  expect(planOf({})).toEqual({ use: ["kafka", "postgres", "s3"], archive: true });
});

test("planStack() uses what the environment names", () => {
  expect(planOf({ KAFKA_BOOTSTRAP_SERVERS: "kafka:9092" }).use).toEqual(["postgres", "s3"]);
  expect(planOf({ DATABASE_URL: "postgres://db/events" }).use).toEqual(["kafka", "s3"]);
  expect(planOf({ S3_BUCKET_NAME: "my-bucket" }).use).toEqual(["kafka", "postgres"]);
  expect(planOf({ S3_ENDPOINT: "http://store:9000" }).use).toEqual(["kafka", "postgres"]);
});

test("planStack() takes an empty variable for one that is not set", () => {
  expect(planOf({ DATABASE_URL: "", S3_BUCKET_NAME: "" }).use).toHaveLength(3);
});

test("planStack() starts no S3 server when the archive is off", () => {
  expect(planOf({ S3_ENABLED: "false" })).toEqual({ use: ["kafka", "postgres"], archive: false });
});

function planOf(env: Record<string, string>): Plan {
  return planStack(loadConfig(env, "stack"), env);
}
