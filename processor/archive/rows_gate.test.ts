/** Tests of the wait for rows, with a database of one number. */
import { describe, expect, test } from "bun:test";
import type { Database } from "@tally/shared/database";
import { createRowsGate } from "./rows_gate.ts";

const NEVER = new AbortController().signal;
const POLL_NEVER_MS = 3_600_000;

/** Stands in for the pool: every query finds the position. */
function databaseAt(position: () => bigint | null): { sql: Database; queries: () => number } {
  let queries = 0;
  const query = async () => {
    queries++;
    const offset = position();
    const rest = { last_hash: null, last_offset: null, stopped: null };
    return offset === null ? [] : [{ next_offset: String(offset), ...rest }];
  };
  return { sql: query as unknown as Database, queries: () => queries };
}

describe("passed()", () => {
  test("passed() resolves when the table has the rows already", async () => {
    const { sql, queries } = databaseAt(() => 10n);
    const gate = createRowsGate({ sql, logNumber: 1, pollMs: POLL_NEVER_MS });

    await gate.passed(0, 10n, NEVER);
    await gate.passed(0, 9n, NEVER);

    expect(queries()).toBe(1);
  });

  test("passed() resolves without a poll when this process writes the rows", async () => {
    const { sql } = databaseAt(() => null);
    const gate = createRowsGate({ sql, logNumber: 1, pollMs: POLL_NEVER_MS });
    const order: string[] = [];
    const waiting = gate.passed(0, 10n, NEVER).then(() => order.push("passed"));

    await flush();
    gate.rowsWritten(1, 10n);
    gate.rowsWritten(0, 9n);
    await flush();
    order.push("notified");
    gate.rowsWritten(0, 10n);
    await waiting;

    expect(order).toEqual(["notified", "passed"]);
  });

  test("passed() notices the rows of another process", async () => {
    let position = 0n;
    const { sql } = databaseAt(() => position++);
    const gate = createRowsGate({ sql, logNumber: 1, pollMs: 1 });

    await gate.passed(0, 4n, NEVER);

    expect(position).toBe(5n);
  });

  test("passed() rejects with position_moved as soon as it is aborted", async () => {
    const { sql } = databaseAt(() => null);
    const gate = createRowsGate({ sql, logNumber: 1, pollMs: POLL_NEVER_MS });
    const abort = new AbortController();
    const waiting = gate.passed(0, 10n, abort.signal).catch((error: unknown) => error);

    await flush();
    abort.abort();

    expect(await waiting).toMatchObject({ code: "position_moved" });
  });

  test("passed() rejects with database_unavailable when the table can't be read", async () => {
    const failing = async () => Promise.reject(new Error("connection refused"));
    const gate = createRowsGate({ sql: failing as unknown as Database, logNumber: 1, pollMs: 1 });

    const error = await gate.passed(0, 10n, NEVER).catch((caught: unknown) => caught);

    expect(error).toMatchObject({ code: "database_unavailable" });
  });
});

/** Lets everything run that is ready to. */
async function flush(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
