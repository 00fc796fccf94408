import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readLines, runCommand } from "./command.ts";

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

test("runCommand() reports each line that is not empty, and still keeps the text", async () => {
  const lines: string[] = [];
  const script = "echo one; echo; printf 'two'; echo three >&2";

  const result = await runCommand(["sh", "-c", script], {
    env: Bun.env,
    onLine: (line) => lines.push(line),
  });

  expect(lines.toSorted()).toEqual(["one", "three", "two"]);
  expect(result.text).toStartWith("one\n\ntwo");
});

test("runCommand() gives a program its input", async () => {
  const { text } = await runCommand(["cat"], { env: Bun.env, input: "given" });

  expect(text).toBe("given");
});

test("runCommand() appends both outputs to a log", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tally-command-"));
  const logPath = join(folder, "log");
  await Bun.write(logPath, "before\n");

  const result = await runCommand(["sh", "-c", "echo out; echo bad >&2"], {
    env: Bun.env,
    logPath,
  });
  const log = await Bun.file(logPath).text();
  await rm(folder, { recursive: true });

  expect(log).toBe("before\nout\nbad\n");
  expect(result.output).toBe("");
});

test("runCommand() ends a program when the signal is aborted", async () => {
  const giveUp = new AbortController();
  const running = runCommand(["sh", "-c", "echo started; exec sleep 600"], {
    env: Bun.env,
    signal: giveUp.signal,
    onLine: () => giveUp.abort(),
  });

  expect((await running).exitCode).toBe(128 + 15);
});

test("runCommand() throws when there is no such program", async () => {
  await expect(runCommand(["no-such-program"], { env: Bun.env })).rejects.toThrow("not found");
});

test("readLines() joins a line that comes in pieces", async () => {
  const pieces = new Blob(["first\nse", "cond\n", "third"]).stream();
  const lines: string[] = [];

  for await (const line of readLines(pieces)) lines.push(line);

  expect(lines).toEqual(["first", "second", "third"]);
});
