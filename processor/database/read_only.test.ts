import { loadConfig } from "@tally/shared";
import { expect, test } from "bun:test";
import { openDatabase as openForProcessor } from "./database.ts";
import { openDatabase } from "./read_only.ts";

const URL = "postgres://u:p@127.0.0.1:1/d";
const LIMITS = { connectionsMax: 2, statementMsMax: 0 };

test("openDatabase() never renews a connection, which may hold a cursor or a lock", () => {
  const own = openDatabase({ url: URL, schema: "s" }, { applicationName: "a", ...LIMITS });
  const ofProcessor = openForProcessor(loadConfig({ DATABASE_URL: URL }, "processor"), "p");

  expect(own.options.max_lifetime).toBeNull();
  expect(ofProcessor.options.max_lifetime).not.toBeNull();
});

test("openDatabase() sets the session and the limits that it is given", () => {
  const { options } = openDatabase(
    { url: URL, schema: "s" },
    { applicationName: "a", ...LIMITS, statementMsMax: 7 },
  );

  expect(options).toMatchObject({ max: 2, fetch_types: false });
  expect({ ...options.connection } as Record<string, unknown>).toEqual({
    application_name: "a",
    search_path: "s",
    statement_timeout: "7",
    TimeZone: "UTC",
    DateStyle: "ISO, MDY",
    IntervalStyle: "postgres",
    array_nulls: "on",
    bytea_output: "hex",
    default_transaction_isolation: "read committed",
    extra_float_digits: "1",
    idle_session_timeout: "0",
    standard_conforming_strings: "on",
  });
});

test("the processor's openDatabase() keeps the wait for a lock shorter than the statement", () => {
  const env = { DATABASE_URL: URL, DATABASE_STATEMENT_TIMEOUT_MS: "1000" };
  const { options } = openForProcessor(loadConfig(env, "processor"), "p");

  expect(options.connection).toMatchObject({
    application_name: "p",
    statement_timeout: "1000",
    lock_timeout: "800",
    idle_in_transaction_session_timeout: "1000",
    TimeZone: "UTC",
  });
});
