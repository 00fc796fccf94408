/** Odd requests over real sockets: no 5xx, and no answer that is not the service's. */
import { answerFaults, ODD_VERSIONS, oddFaults } from "@tally/stack/testing/odd_requests";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startFaked, type FakedIngest } from "./testing/faked_ingest.ts";

let ingest: FakedIngest;

beforeAll(async () => {
  ingest = await startFaked();
});
afterAll(() => ingest.stop());

test("serve() answers every odd request itself, without a 5xx", async () => {
  expect(await oddFaults(ingest.url)).toEqual([]);
});

test.each(ODD_VERSIONS)("serve() leaves %p to Bun's parser, and goes on", async (bytes) => {
  expect(await answerFaults(ingest.url, bytes)).toEqual(["status 505"]);
  expect((await fetch(`${ingest.url}/health/live`)).status).toBe(200);
});
