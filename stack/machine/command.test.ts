import { expect, test } from "bun:test";

import { runCommand } from "./command.ts";

test("runCommand() gives the exit code and what was said, apart and together", async () => {
  const result = await runCommand(["sh", "-c", "echo bad >&2; echo good; exit 4"], {
    env: Bun.env,
  });

  expect(result).toEqual({
    exitCode: 4,
    text: "good\n",
    problems: "bad\n",
    output: "good\nbad\n",
  });
});

test("runCommand() kills a program that takes longer than it may", async () => {
  const { exitCode } = await runCommand(["sleep", "600"], { env: Bun.env, msMax: 10 });

  expect(exitCode).toBe(128 + 15);
});
