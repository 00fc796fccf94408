/** docs/api.md describes the routes that the server has. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openApiFaults } from "@tally/stack/testing/openapi_faults";
import type { Database } from "@tally/shared/database";
import { frameOf, look, partition, totals, NOW_MS } from "../live/testing/frames.ts";
import { ANSWER_SCHEMAS } from "./answers.ts";
import { countsFrame } from "../live/open_minutes.ts";
import { describeApi } from "./openapi.ts";
import { createRoutes } from "./routes.ts";
import { NO_SERVER, testParts } from "./testing/server.ts";

const DOCUMENT = readFileSync(join(import.meta.dir, "..", "..", "docs", "api.md"), "utf8");

// Only listed, never asked: no statement runs.
const routes = createRoutes(testParts((() => undefined) as unknown as Database), NO_SERVER);

test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
  "docs/api.md describes %s with each of its parameters",
  (name, { query }) => {
    const request = name.replace(":id", "{id}");
    const lines = DOCUMENT.split("\n").filter((line) =>
      ["`", "?"].some((end) => line.includes(`\`${request}${end}`)),
    );

    expect(lines).not.toEqual([]);
    for (const parameter of Object.keys(query?.properties ?? {})) {
      expect([parameter, lines.some((line) => line.includes(parameter))]).toEqual([
        parameter,
        true,
      ]);
    }
  },
);

test("describeApi() has a name for every operation, and a schema for every 2xx", () => {
  expect(openApiFaults(describeApi(routes, true))).toEqual([]);
});

test("describeApi() refers to nothing that it doesn't hold", () => {
  const api = describeApi(routes, true);

  for (const [, name] of JSON.stringify(api).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    expect(api).toHaveProperty(["components", "schemas", name ?? ""]);
  }
});

test("describeApi() wants a body of every change, so that clients send its content type", () => {
  const { paths } = describeApi(routes, true) as { paths: Record<string, { post?: object }> };

  const changes = Object.values(paths).flatMap(({ post }) => post ?? []);

  expect(changes).toHaveLength(6);
  for (const change of changes) expect(change).toMatchObject({ requestBody: { required: true } });
});

test("describeApi() names every field of a frame, and none that a frame lacks", () => {
  const frame = frameOf({
    totals: totals(NOW_MS, { postgres: [partition(0)] }),
    look: look({ 0: 1n }),
  });
  const named = (schema: { readonly properties: object }) => Object.keys(schema.properties).sort();

  expect(named(ANSWER_SCHEMAS.MetricsFrame)).toEqual(Object.keys(frame).sort());
  expect(named(ANSWER_SCHEMAS.PartitionFrame)).toEqual(
    Object.keys(frame.partitions[0] ?? {}).sort(),
  );
  const read = { atMs: NOW_MS, minuteMs: NOW_MS, isComplete: true, counted: [] };
  const counts = countsFrame(read, null);
  expect(named(ANSWER_SCHEMAS.CountsFrame)).toEqual(Object.keys(counts).sort());
  expect(named(ANSWER_SCHEMAS.MinuteCounts)).toEqual(Object.keys(counts.minutes[0] ?? {}).sort());
});
