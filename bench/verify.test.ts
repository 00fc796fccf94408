import { expect, test } from "bun:test";
import { runCommand } from "@tally/shared";
import { join } from "node:path";

test("verify exits with 2 and reports why when its servers can't start", async () => {
  const command = [process.execPath, join(import.meta.dir, "verify.ts"), "poison"];

  const { exitCode, problems } = await runCommand(command, {
    env: { ...Bun.env, TMPDIR: "/nonexistent" },
  });

  expect(exitCode).toBe(2);
  expect(problems).toContain("Cannot verify: ");
});
