/** The bounds of queries over HTTP. */
import { describe, expect, test } from "bun:test";
import type { Database } from "@tally/shared/database";
import { createQueryGate } from "./query_gate.ts";

/** No pool: the queries of these tests are promises. */
const SQL = {} as Database;

describe("createQueryGate()", () => {
  test("createQueryGate() refuses with overloaded when too many queries run, given up ones included", async () => {
    const gate = createQueryGate({ sql: SQL, queriesMax: 1, waitMsMax: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();

    const late = gate(() => promise);
    await expect(late).rejects.toMatchObject({ code: "database_unavailable" });
    await expect(gate(async () => 1)).rejects.toMatchObject({ code: "overloaded" });
    resolve();
    // After one turn of the event loop everything that the answer started has happened.
    await new Promise(setImmediate);

    expect(await gate(async () => 1)).toBe(1);
  });
});
