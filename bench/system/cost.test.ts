import { eventually } from "@tally/shared";
import { expect, test } from "bun:test";

import { parseCost, readCost, readParent, readTreeCpuUs } from "./cost.ts";

test("parseCost() reads the times after a name with brackets and spaces, and both sizes", () => {
  const stat = "42 (a) b (c)) S 1 2 3 0 -1 4194560 100 0 0 0 150 50 9 9 20 0 12 0 100 1 1";
  const status = "Name:\tx\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n";

  expect(parseCost(stat, status)).toEqual({
    cpuUs: 2_000_000,
    residentBytes: 1024 * 1024,
    residentBytesMax: 2048 * 1024,
  });
});

test("readCost() counts the CPU that this process takes", async () => {
  const before = await readCost(process.pid);
  const used = process.cpuUsage();
  while (process.cpuUsage(used).user < 100_000); // Not by the clock: others may have the cores.

  const after = await readCost(process.pid);

  expect(after.cpuUs - before.cpuUs).toBeGreaterThanOrEqual(50_000);
  expect(after.residentBytes).toBeGreaterThan(0);
  expect(after.residentBytesMax).toBeGreaterThanOrEqual(after.residentBytes);
});

test("readTreeCpuUs() counts this process, a child that runs and a child that has ended", async () => {
  const spin = (ms: number, then: string) =>
    `const used = () => { const { user, system } = process.cpuUsage(); return user + system; };
    const end = used() + ${ms} * 1000; while (used() < end); ${then}`;
  const before = await readTreeCpuUs(process.pid);

  const ended = Bun.spawn([process.execPath, "-e", spin(300, "")]);
  await ended.exited;
  const child = spin(200, "console.log(process.ppid); setInterval(() => undefined, 1000)");
  const running = Bun.spawn([process.execPath, "-e", child], { stdout: "pipe" });
  const { value } = await running.stdout.getReader().read();
  const after = await readTreeCpuUs(process.pid);
  const parent = await readParent(running.pid);
  running.kill();
  await running.exited;

  expect(Number(new TextDecoder().decode(value))).toBe(process.pid);
  expect(parent).toBe(process.pid);
  expect(after - before).toBeGreaterThanOrEqual(490_000);
});

test("readCost() counts the processes that the process has started", async () => {
  const before = await readCost(process.pid);
  const child = Bun.spawn([process.execPath, "-e", "await Bun.stdin.text()"], { stdin: "pipe" });

  // A runtime alone has more than this.
  const grown = before.residentBytesMax + 15_000_000;
  const isCounted = async () => (await readCost(process.pid)).residentBytesMax > grown;

  expect(await eventually(isCounted, 5000)).toBe(true);
  child.stdin.end();
  await child.exited;
});
