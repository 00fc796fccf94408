import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SQL } from "bun";

import type { Stack } from "./servers/stack.ts";
import { read, write, type Written } from "./testing/stack_probe.ts";
import { createDatabase, createTopic, ownStack, testNames, testStack } from "./testing/mod.ts";

describe("testStack()", () => {
  test("testStack() gives the same servers to every caller", async () => {
    const [first, second] = await Promise.all([testStack(), testStack()]);

    expect(second.postgres.url).toBe(first.postgres.url);
  });

  test("createDatabase() and createTopic() give each test file its own", async () => {
    const stack = await testStack();
    const { topic } = testNames();

    await createTopic(stack, { topic });
    const sql = new SQL(await createDatabase(stack), { max: 1 });
    const tables = await sql`select 1 from pg_tables where schemaname = 'public'`;
    await sql.close();

    expect(tables).toHaveLength(0);
  });
});

describe("startStack()", () => {
  let stack: Stack;
  let written: Written;

  beforeAll(async () => {
    stack = await ownStack();
    written = await write(stack);
  });
  afterAll(() => stack.stop());

  test("startStack() gives PostgreSQL with UTF-8, durable writes and passwords", async () => {
    const sql = new SQL(stack.postgres.url, { max: 1 });
    const [row] = await sql`select current_setting('server_encoding') as encoding,
      current_setting('fsync') as fsync, current_setting('synchronous_commit') as commits,
      (select datlocale from pg_database where datname = current_database()) as locale`;
    await sql.close();
    const wrong = new SQL(stack.postgres.url.replace(":postgres@", ":wrong@"), { max: 1 });
    const refused: unknown = await wrong`select 1`.catch((error: unknown) => error);
    await wrong.close();

    expect(row).toEqual({ encoding: "UTF8", fsync: "on", commits: "on", locale: "C.UTF-8" });
    expect(String(refused)).toContain("password");
  });

  for (const part of ["kafka", "postgres", "s3"] as const) {
    test(`start() finds the data again when ${part} was stopped`, async () => {
      await stack[part].stop();
      const pid = stack[part].pid;
      await stack[part].start();

      expect(pid).toBeUndefined();
      expect(await read(stack)).toEqual(written);
    });

    test(`start() finds the data again when ${part} was killed`, async () => {
      await stack[part].kill();
      await stack[part].start();

      expect(await read(stack)).toEqual(written);
    });
  }

  test("startStack() refuses a folder on which a stack runs", async () => {
    const second = ownStack({ folder: stack.folder });

    await expect(second).rejects.toMatchObject({ code: "folder_locked" });
  });

  test("startStack() names every port that is taken and how to move it", async () => {
    const ports = {
      kafka: Number(stack.kafka.bootstrapServers.split(":")[1]),
      postgres: Number(new URL(stack.postgres.url).port),
      s3: Number(new URL(stack.s3.endpoint).port),
    };

    const second = ownStack({ ports });

    const error: unknown = await second.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "port_taken" });
    for (const [name, port] of Object.entries(ports)) {
      expect(String(error)).toContain(`port ${port} `);
      expect(String(error)).toContain(`STACK_${name.toUpperCase()}_PORT`);
    }
  });

  test("startStack() names what to install when Java and Maven are missing", async () => {
    const env = { PATH: "/nonexistent", JAVA_HOME: "" };

    const starting = ownStack({ env, cacheFolder: `${stack.folder}/logs/no-jars` });

    const error: unknown = await starting.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "java_missing" });
    expect(String(error)).toContain("apt install openjdk");
    expect(String(error)).toContain("apt install maven");
  });

  test("startStack() lets PostgreSQL's settings follow the memory, and keeps them small without", async () => {
    const sized = await ownStack({ use: ["postgres"], memoryBytes: 2 * 1024 ** 3 });
    const given = await sizesOf(sized);
    await sized.stop();

    expect(given).toEqual({
      buffers: "512MB",
      cache: "1GB",
      wal: "2GB",
      timeout: "15min",
    });
    expect(await sizesOf(stack)).toEqual({
      buffers: "128MB",
      cache: "4GB",
      wal: "1GB",
      timeout: "5min",
    });
  });

  test("startStack() refuses a disk with too little room", async () => {
    const starting = ownStack({ freeBytesMin: 2 ** 62 });

    await expect(starting).rejects.toMatchObject({ code: "disk_full" });
  });
});

async function sizesOf({ postgres }: Pick<Stack, "postgres">): Promise<unknown> {
  const sql = new SQL(postgres.url, { max: 1 });
  const [row] = await sql`select current_setting('shared_buffers') as buffers,
    current_setting('effective_cache_size') as cache, current_setting('max_wal_size') as wal,
    current_setting('checkpoint_timeout') as timeout`;
  await sql.close();
  return row;
}
