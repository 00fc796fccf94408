/**
 * Writes one thing to each part of a stack and checks later whether it is still there; for tests.
 */
import { connectAdmin } from "@tally/shared/kafka";
import { SQL } from "bun";

import type { Stack } from "../servers/stack.ts";
import { createTopic, testNames } from "./mod.ts";

/** What identifies the written things. */
export interface Written {
  /** Kafka's id of a topic: another one would mean that the topic was made again. */
  readonly topicId: string | undefined;
  readonly row: string | undefined;
  readonly object: string;
}

const NAMES = testNames("probe");

/** Writes a topic, a row and an object. */
export async function write(stack: Stack): Promise<Written> {
  await createTopic(stack, { topic: NAMES.topic, partitions: 1 });
  const sql = new SQL(stack.postgres.url, { max: 1 });
  await sql`create table probe (value text)`;
  await sql`insert into probe values (${Bun.randomUUIDv7()})`;
  await sql.close();
  await new Bun.S3Client({ ...stack.s3 }).write(NAMES.prefix, Bun.randomUUIDv7());
  return read(stack);
}

/** Reads all three back. */
export async function read(stack: Stack): Promise<Written> {
  const { bootstrapServers } = stack.kafka;
  const admin = await connectAdmin({ bootstrapServers });
  const topic = await admin.describeTopic(NAMES.topic);
  await admin.disconnect();
  const sql = new SQL(stack.postgres.url, { max: 1 });
  const rows: { value: string }[] = await sql`select value from probe`;
  await sql.close();
  const object = await new Bun.S3Client({ ...stack.s3 }).file(NAMES.prefix).text();
  return { topicId: topic?.topicId, row: rows[0]?.value, object };
}
