import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { runProgram, startProgram } from "./program.ts";
import type { RepeatOrder } from "./testing/repeat.ts";

const ENTRY = join(import.meta.dir, "testing", "repeat.ts");
const start = (order: RepeatOrder) => startProgram<RepeatOrder, string>(ENTRY, order, Bun.env);
const run = (order: RepeatOrder) => runProgram<RepeatOrder, string>(ENTRY, order, Bun.env);

describe("runProgram()", () => {
  test("runProgram() returns the last report", async () => {
    expect(await run({ reports: ["one", "two", "späť\n"], end: "well" })).toBe("späť\n");
  });

  test("runProgram() throws when the program fails, reports or not", async () => {
    await expect(run({ reports: ["one"], end: "throws" })).rejects.toThrow("it ended with 1");
    await expect(run({ reports: [], end: "well" })).rejects.toThrow("it ended without a report");
  });
});

describe("startProgram()", () => {
  test("stop() ends a program gently: it still reports", async () => {
    const program = start({ reports: ["one"], end: "stop" });
    expect(await program.first).toBe("one");

    await program.stop();

    expect([program.latest, program.isRunning]).toEqual(["stopped", false]);
  });

  test("kill() ends a program at once, and is no failure for its caller", async () => {
    const program = start({ reports: ["one"], end: "never" });
    await program.first;

    await program.kill();

    expect([program.latest, program.isRunning]).toEqual(["one", false]);
    await expect(program.done).rejects.toThrow("it ended with");
  });
});
