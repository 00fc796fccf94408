import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { keepLogs } from "./keep_logs.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tally-logs-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("keepLogs() copies the logs, and removes those of an earlier run", async () => {
  const kept = join(folder, "kept");
  await Bun.write(join(folder, "world/logs/a.log"), "a");
  await Bun.write(join(kept, "earlier.log"), "old");

  const words = await keepLogs(kept, [[join(folder, "world"), kept]]);

  expect(words).toBe(`logs in ${kept}`);
  expect(await Bun.file(join(kept, "logs/a.log")).text()).toBe("a");
  expect(await Bun.file(join(kept, "earlier.log")).exists()).toBeFalse();
});

test("keepLogs() reports what can't be copied, and copies the rest", async () => {
  const kept = join(folder, "kept");
  await Bun.write(join(folder, "servers/kafka.log"), "k");

  const words = await keepLogs(kept, [
    [join(folder, "gone"), kept],
    [join(folder, "servers"), join(kept, "servers")],
  ]);

  expect(words).toStartWith(`logs in ${kept}, incomplete: ENOENT`);
  expect(await Bun.file(join(kept, "servers/kafka.log")).text()).toBe("k");
});
