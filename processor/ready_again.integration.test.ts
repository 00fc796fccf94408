/** When the database has failed for one sink only, the processor is ready again once it answers. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import { testProcessor, type TestProcessor } from "./testing/processor.ts";

let world: TestProcessor;

// The servers may have to be started first.
beforeAll(async () => {
  world = await testProcessor({ DATABASE_STATEMENT_TIMEOUT_MS: "1000" });
}, 120_000);
afterAll(() => world.close());

test("a processor is ready again after the database failed for the archive only", async () => {
  const { url } = await world.start();
  const isReady = async () => (await fetch(`${url}/health/ready`)).ok;
  await world.publish(["a"]);
  await world.settled(1);
  const isReadyAtFirst = await eventually(isReady, 30_000);

  // The positions of the rows stay free: only writes of the archive reach their lock timeout.
  const wasUnready = await world.sql.begin(async (transaction) => {
    await transaction`set local idle_in_transaction_session_timeout = '60s'`;
    await transaction`select from positions where sink = 'archive' for update`;
    await world.publish(["b"]);
    return await eventually(async () => !(await isReady()), 30_000);
  });
  await world.settled(2);

  expect([isReadyAtFirst, wasUnready]).toEqual([true, true]);
  expect(await eventually(isReady, 30_000)).toBe(true);
}, 120_000);
