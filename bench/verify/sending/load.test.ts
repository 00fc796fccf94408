import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@tally/shared";
import { isRunning } from "@tally/stack/testing";

import { startLoad } from "./load.ts";
import type { LoadOrder } from "./load_process.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tally-load-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A load without a server. */
function order(changes: Partial<LoadOrder> = {}): LoadOrder {
  return {
    run: { run: "r1", baseMs: 0 },
    first: 0,
    headers: {},
    urls: ["http://127.0.0.1:1"],
    eventsPerSecond: 10,
    seconds: 30,
    batchEvents: 1,
    connections: 1,
    twiceShare: 0,
    invalidShare: 0,
    repeatsMax: 0,
    seed: 1,
    journalPath: join(folder, "journal"),
    ...changes,
  };
}

describe("startLoad()", () => {
  test("startLoad() continues after a Ctrl-C of the terminal, and ends when it is stopped", async () => {
    const load = startLoad(order(), Bun.env);
    expect(await eventually(() => load.counts.events > 0, 10_000)).toBeTrue();

    process.kill(load.pid, "SIGINT");
    const before = load.counts;
    const continues = await eventually(() => load.counts !== before, 10_000);
    await load.stop();

    expect(continues).toBeTrue();
    expect((await load.journal()).total).toBe(0);
  });

  test("startLoad() reports a failed process to the callers that wait for it, and to no other", async () => {
    const load = startLoad(order({ journalPath: join(folder, "none", "journal") }), Bun.env);
    // An unhandled failure would end this test, as it would end the harness.
    expect(await eventually(async () => !(await isRunning(load.pid)), 10_000)).toBeTrue();

    await expect(load.done).rejects.toThrow("it ended with 1");
  });
});
