import { describe, expect, test } from "bun:test";
import { SQL } from "bun";

import { createDatabase, createTopic, testNames, testStack } from "./testing.ts";

describe("testStack()", () => {
  test("startStack() gives servers that answer when it resolves", async () => {
    const stack = await testStack();

    const sql = new SQL(stack.postgres.url, { max: 1 });
    const rows: { answer: number }[] = await sql`select 42 as answer`;
    await sql.close();
    const s3 = new Bun.S3Client({ ...stack.s3 });
    await s3.write("one.json", "{}");

    const { topic } = testNames();
    await createTopic(stack, { topic });
    const url = await createDatabase(stack);

    expect(url).toContain("/test_");
    expect(rows[0]?.answer).toBe(42);
    expect(await s3.file("one.json").text()).toBe("{}");
  });
});
