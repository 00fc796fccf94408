import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isDashboardStale } from "./dashboard_build.ts";

const folder = await mkdtemp(join(tmpdir(), "tally-dashboard-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

test("isDashboardStale() compares the sources with the build", async () => {
  await write("app.tsx", 1_000);
  const unbuilt = await isDashboardStale(folder);
  await write("dist/index.html", 2_000);
  await write("node_modules/x/index.ts", 3_000);
  await write("app.test.ts", 3_000);
  const built = await isDashboardStale(folder);
  await write("style.css", 3_000);
  const changed = await isDashboardStale(folder);

  expect([unbuilt, built, changed]).toEqual([true, false, true]);
});

async function write(name: string, seconds: number): Promise<void> {
  const path = join(folder, name);
  await Bun.write(path, "");
  await utimes(path, seconds, seconds);
}
