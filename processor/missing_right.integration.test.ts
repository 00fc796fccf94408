/** A whole processor whose role has rights on the tables only, and then loses one of them. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually, loadConfig } from "@tally/shared";
import { testStack } from "@tally/stack/testing";
import { openDatabase, prepareTables } from "./database/database.ts";
import { missingRights } from "./database/rights.ts";
import { administeredDatabase, type AdministeredDatabase } from "./database/testing/roles.ts";
import { testProcessor, type TestProcessor } from "./testing/processor.ts";

const START_MS_MAX = 120_000;
/** Above the longest pause while an operator has to act. */
const NOTICED_MS_MAX = 40_000;
const SCHEMA = "tally";
let database: AdministeredDatabase;
let tally: TestProcessor;

beforeAll(async () => {
  const superuser = new URL((await testStack()).postgres.url);
  database = await administeredDatabase();
  superuser.pathname = `/${database.name}`;
  const open = (url: string) =>
    openDatabase(loadConfig({ DATABASE_URL: url, DATABASE_SCHEMA: SCHEMA }, "processor"), "test");
  const [owner, role] = [open(superuser.href), open(database.url)];
  await prepareTables(owner, SCHEMA);
  await database.run(await missingRights(role, SCHEMA));
  await Promise.all([owner.end(), role.end()]);
  tally = await testProcessor({ DATABASE_URL: database.url, DATABASE_SCHEMA: SCHEMA });
}, START_MS_MAX);
afterAll(async () => {
  // The role may not drop the schema: the database is dropped.
  await tally.close().catch(() => tally.sql.end({ timeout: 1 }));
  await database.close();
});

test("a right that is lost is shown with its statement, and its grant is noticed", async () => {
  const { url } = await tally.start();
  await tally.publish(["a"]);
  await tally.settled(1);
  await database.run(`revoke insert on ${SCHEMA}.web_events from ${database.role}`);
  await tally.publish(["b"]);
  let shown: unknown = null;
  const isShown = async () => {
    const health = (await (await fetch(`${url}/actuator/health`)).json()) as {
      components: { postgres: { status: string; details: { remedy?: string } } };
    };
    const { status, details } = health.components.postgres;
    shown = [status, details.remedy];
    return status === "CONFIGURATION";
  };

  await eventually(isShown, NOTICED_MS_MAX);
  await database.run(`grant insert on ${SCHEMA}.web_events to ${database.role}`);
  const isBack = async () => (await tally.rowIds()).length === 2;
  const wasNoticed = await eventually(isBack, NOTICED_MS_MAX);

  expect(shown).toEqual([
    "CONFIGURATION",
    `Run as the owner of the tables: grant insert on tally.web_events to ${database.role};`,
  ]);
  expect(wasNoticed).toBe(true);
}, 120_000);
