import { expect, test } from "bun:test";

import { isLauncher } from "./launchers.ts";
import { parentOf } from "./process_table.ts";

test("isLauncher() knows npx and bun run, and takes no shell for one", () => {
  expect(isLauncher(["npm exec bun@1.4.5 run up"])).toBe(true);
  expect(isLauncher(["node", "/usr/bin/npx", "-y", "bun@1.4.5", "run", "up"])).toBe(true);
  expect(isLauncher(["/root/.npm/_npx/1/node_modules/bun/bin/bun.exe", "run", "up"])).toBe(true);
  expect(isLauncher(["sh", "-c", "'bun' run up"])).toBe(false);
  expect(isLauncher(["bash", "-c", "npx -y bun@1.4.5 run up"])).toBe(false);
  expect(isLauncher(["bun", "stack/up.ts"])).toBe(false);
});

test("parentOf() finds the process above", async () => {
  const child = Bun.spawn(["sh", "-c", "read line"], { stdin: "pipe" });

  const parent = await parentOf(child.pid);
  child.kill();
  await child.exited;

  expect(parent?.pid).toBe(process.pid);
});
