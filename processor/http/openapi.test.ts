/** docs/api.md describes the routes that the server has. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../database/database.ts";
import { createRoutes } from "./routes.ts";
import { testParts } from "./testing/server.ts";

const DOCUMENT = readFileSync(join(import.meta.dir, "..", "..", "docs", "api.md"), "utf8");
const HOOKS = { isStopping: () => false, keepOpen: () => undefined, cut: () => undefined };

// Only listed, never asked: no statement runs.
const routes = createRoutes(testParts((() => undefined) as unknown as Database), HOOKS);

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
