import { expect, test } from "bun:test";
import { join } from "node:path";

test("verify exits with 2, and says why, when its servers can't start", async () => {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "verify.ts"), "poison"], {
    env: { ...Bun.env, TMPDIR: "/nonexistent" },
    stdout: "pipe",
    stderr: "pipe",
  });

  const problems = await new Response(child.stderr).text();

  expect(await child.exited).toBe(2);
  expect(problems).toContain("Cannot verify: ");
});
