import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, isRunning } from "@tally/stack/testing";

import type { DriverOrder } from "./driver.ts";
import { startLoad } from "./load.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tally-load-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A load that nobody answers. */
function order(changes: Partial<DriverOrder> = {}): DriverOrder {
  return {
    run: { run: "r1", baseMs: 0 },
    first: 0,
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
  test("startLoad() goes on when the terminal's Ctrl-C comes, and ends when it is stopped", async () => {
    const load = startLoad(order(), Bun.env);
    expect(await eventually(() => load.counts.events > 0, 10_000)).toBeTrue();

    process.kill(load.pid, "SIGINT");
    const before = load.counts;
    const goesOn = await eventually(() => load.counts !== before, 10_000);
    await load.stop();

    expect(goesOn).toBeTrue();
    expect((await load.journal()).total).toBe(0);
  });

  test("startLoad() tells whoever waits that the driver broke down, and nobody else", async () => {
    const load = startLoad(order({ journalPath: join(folder, "none", "journal") }), Bun.env);
    // A failure that nobody handles would end this test as well as the harness.
    expect(await eventually(async () => !(await isRunning(load.pid)), 10_000)).toBeTrue();

    await expect(load.done).rejects.toThrow("its driver ended with 1");
  });
});
