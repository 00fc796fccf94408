import { eventually } from "@tally/shared";
import { expect, test } from "bun:test";

import { isRunning } from "../machine/process_table.ts";
import { runStep } from "./step_command.ts";

test("runStep() shows lines and fails with the last of them", async () => {
  const lines: string[] = [];

  const running = runStep(stepOf("echo one; echo two >&2; exit 4", lines));

  await expect(running).rejects.toMatchObject({
    code: "command_failed",
    message: expect.stringContaining("two"),
  });
  expect(lines.toSorted()).toEqual(["one", "two"]);
});

test("runStep() ends what the command has begun when it is given up", async () => {
  const giveUp = new AbortController();
  const { promise, resolve } = Promise.withResolvers<number>();
  const step = stepOf("sleep 600 & echo $!; wait", []);

  const running = runStep({
    ...step,
    signal: giveUp.signal,
    onLine: (line) => resolve(Number(line)),
  });
  const grandchild = await promise;
  giveUp.abort();

  await expect(running).rejects.toMatchObject({ name: "AbortError" });
  expect(await eventually(async () => !(await isRunning(grandchild)), 5_000)).toBe(true);
});

function stepOf(script: string, lines: string[]) {
  return {
    command: ["sh", "-c", script],
    folder: "/",
    env: Bun.env,
    signal: new AbortController().signal,
    onLine: (line: string) => lines.push(line),
  };
}
