/** The client in programs of Bun, Node.js and Deno, while ingest is killed and started again. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { eventually } from "@tally/shared";
import { testStack } from "@tally/stack/testing";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { untilReady } from "../system/service.ts";
import type { System } from "../system/system.ts";
import { startedSystem } from "../system/testing/started_system.ts";
import { buildClient } from "./testing/client_pages.ts";

setDefaultTimeout(120_000);
const ROWS_MS_MAX = 30_000;
const READY_MS_MAX = 30_000;
/** Events that a program tracks after ingest was killed. */
const EVENTS_AFTER = 150;
/** A program that never waits gives up after these, 20 s at the least. */
const EVENTS_MAX = 10_000;

let folder = "";
let system: System;
beforeAll(async () => {
  folder = await buildClient();
  system = await startedSystem(await testStack(), Bun.env);
});
afterAll(async () => {
  await system?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Tracks events until it waits and some after, says both, and ends when all are acknowledged. */
const program = (url: string, prefix: string): string => `
import { createClient } from "./tally.js";
let isWaiting = false;
const tally = createClient({
  url: ${JSON.stringify(url)},
  batchEventsMax: 10,
  onError({ kind, code }) {
    if (!isWaiting) console.log(kind + " " + code);
    isWaiting = true;
  },
});
let tracked = 0;
for (let after = 0; after < ${EVENTS_AFTER} && tracked < ${EVENTS_MAX}; after += isWaiting ? 1 : 0) {
  tally.track("program", { at: tracked }, { eventId: "${prefix}-" + tracked });
  tracked += 1;
  if (tracked % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}
const left = await tally.close(60_000);
console.log("tracked " + tracked + " left " + left + " dropped " + tally.dropped);
`;

const RUNTIMES = [
  ["bun", [process.execPath]],
  ["node", ["node"]],
  ["deno", ["deno", "run", "--quiet", "--allow-net"]],
] as const;

test.each(RUNTIMES.filter(([, [command]]) => Bun.which(command) !== null))(
  "a program of %s loses no event when ingest is killed in the middle",
  async (name, command) => {
    const prefix = `${name}-${Bun.randomUUIDv7().slice(-8)}`;
    const path = join(folder, `${name}.mjs`);
    await Bun.write(path, program(system.ingests[0].url, prefix));
    const child = Bun.spawn([...command, path], { stdout: "pipe", stderr: "inherit" });
    const rows = async (): Promise<number> => {
      const [{ count }] = (await system.sql`
        select count(*)::int as count from web_events where event_id like ${`${prefix}-%`}
      `) as [{ count: number }];
      return count;
    };

    expect(await eventually(async () => (await rows()) > 0, ROWS_MS_MAX)).toBe(true);
    await system.ingests[0].kill();
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value: first } = await output.read();
    await system.ingests[0].start();
    await untilReady(system.ingests, READY_MS_MAX);
    const { value: last } = await output.read();

    expect(first).toBe("delayed no_answer\n");
    const [, tracked] = last?.match(/^tracked (\d+) left 0 dropped 0\n$/) ?? [];
    expect(Number(tracked)).toBeGreaterThan(EVENTS_AFTER);
    expect(await child.exited).toBe(0);
    expect(await eventually(async () => (await rows()) === Number(tracked), ROWS_MS_MAX)).toBe(
      true,
    );
  },
);
