/** The programs of docs/sdks.md, as a reader copies them: each sends one event. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { eventually, runCommand } from "@tally/shared";
import { testStack } from "@tally/stack/testing";
import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { System } from "../system/system.ts";
import { startedSystem } from "../system/testing/started_system.ts";
import { buildClient } from "./testing/client_pages.ts";

setDefaultTimeout(120_000);
const ROOT = join(import.meta.dir, "..", "..");
const ROWS_MS_MAX = 30_000;
/** Packages that the programs import, besides Tally's. */
const PACKAGES = ["@segment/analytics-node", "@rudderstack/rudder-sdk-node", "cloudevents"];
/** How to run a program, by the end of its name. */
const COMMANDS: Readonly<Record<string, string>> = { mjs: "node", py: "python3" };

/** Name and text of each program that needs no page, and no package of Python. */
const PROGRAMS = [
  ...readFileSync(join(ROOT, "docs/sdks.md"), "utf8").matchAll(
    /^```\w+\n(?:\/\/|#) (\w+\.(?:mjs|py))\n(.*?)^```/gms,
  ),
]
  .map(([, name = "", text = ""]) => [name, text] as const)
  .filter(([, text]) => !text.includes("from segment.analytics"));

/** Where the programs lie, with the packages that they import. */
let folder = "";
let system: System;
beforeAll(async () => {
  const built = await buildClient();
  folder = await mkdtemp(join(tmpdir(), "tally-sdks-"));
  // The document downloads it from ingest, which serves what the checkout has built.
  await copyFile(join(built, "tally.js"), join(folder, "client.mjs"));
  const packages = join(folder, "node_modules");
  const client = join(packages, "@tally/client");
  await mkdir(client, { recursive: true });
  await copyFile(join(ROOT, "client/package.json"), join(client, "package.json"));
  await rename(built, join(client, "dist"));
  for (const name of PACKAGES) {
    await mkdir(join(packages, name, ".."), { recursive: true });
    await symlink(join(ROOT, "bench/node_modules", name), join(packages, name));
  }
  system = await startedSystem(await testStack(), Bun.env);
});
afterAll(async () => {
  await system?.close();
  await rm(folder, { recursive: true, force: true });
});

async function rows(): Promise<number> {
  const [{ count }] = (await system.sql`select count(*)::int as count from web_events`) as [
    { count: number },
  ];
  return count;
}

test("docs/sdks.md has the programs that are expected", () => {
  expect(PROGRAMS.map(([name]) => name)).toEqual([
    "first_event.mjs",
    "first_event.py",
    "own_client.mjs",
    "segment_node.mjs",
    "rudderstack.mjs",
    "cloudevents.mjs",
  ]);
});

test.each(PROGRAMS)("%s stores one event of session user-17", async (name, text) => {
  const before = await rows();
  const path = join(folder, name);
  await Bun.write(path, text.replaceAll("http://localhost:8081", system.ingests[0].url));
  const command = COMMANDS[name.split(".").at(-1) ?? ""] ?? "";

  const { exitCode, output } = await runCommand([command, path], { env: Bun.env, cwd: folder });

  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  expect(await eventually(async () => (await rows()) > before, ROWS_MS_MAX)).toBe(true);
  const [last] = (await system.sql`
    select session_id as session from web_events order by received_at desc limit 1
  `) as [{ session: string }];
  expect(last.session).toBe("user-17");
  expect(await rows()).toBe(before + 1);
});
