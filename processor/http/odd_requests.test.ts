/** Odd requests over real sockets: no 5xx, and no answer that is not the service's. */
import { answerFaults, ODD_VERSIONS, oddFaults } from "@tally/stack/testing/odd_requests";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Database } from "@tally/shared/database";
import { startServer, type ProcessorServer } from "./server.ts";
import { testParts } from "./testing/server.ts";

/** A database without rows. */
const noRows = () => Promise.resolve([]);
const EMPTY = Object.assign(noRows, { unsafe: noRows }) as unknown as Database;
let dashboardFolder: string;
let server: ProcessorServer;

beforeAll(async () => {
  dashboardFolder = await mkdtemp(join(tmpdir(), "tally-odd-"));
  await Bun.write(join(dashboardFolder, "index.html"), "Tally");
  server = startServer({ ...testParts(EMPTY), dashboardFolder });
});
afterAll(async () => {
  await server.stop(0);
  await rm(dashboardFolder, { recursive: true });
});

test("startServer() answers every odd request itself, without a 5xx", async () => {
  expect(await oddFaults(server.url)).toEqual([]);
});

test.each(ODD_VERSIONS)("startServer() leaves %p to Bun's parser, and goes on", async (bytes) => {
  expect(await answerFaults(server.url, bytes)).toEqual(["status 505"]);
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
});
