import { expect, test } from "bun:test";

import { freePort, isPortFree } from "./ports.ts";
import { endProcesses, isRunning, runningProcesses } from "./process_table.ts";

test("runningProcesses() finds a process by its command line", async () => {
  const mark = `tally-mark-${Bun.randomUUIDv7()}`;
  const child = Bun.spawn(["sh", "-c", "read line", mark], { stdin: "pipe" });

  const found = (await runningProcesses()).filter(({ argv }) => argv.includes(mark));
  child.kill();
  await child.exited;

  expect(found.map(({ pid }) => pid)).toEqual([child.pid]);
});

test("endProcesses() leaves a process that listens to the gentle signal unkilled", async () => {
  const child = Bun.spawn(["sh", "-c", "read line"], { stdin: "pipe" });

  const killed = await endProcesses([child.pid], { signal: "SIGTERM", msMax: 5_000 });

  expect(killed).toEqual([]);
  expect(await isRunning(child.pid)).toBe(false);
});

test("endProcesses() kills a process that ignores the gentle signal", async () => {
  const child = Bun.spawn(["sh", "-c", "trap '' TERM; echo ready; while :; do read line; done"], {
    stdin: "pipe",
    stdout: "pipe",
  });
  await child.stdout.getReader().read();

  const killed = await endProcesses([child.pid], { signal: "SIGTERM", msMax: 100 });

  expect(killed).toEqual([child.pid]);
  expect(await child.exited).not.toBe(0);
});

test("endProcesses() ends a server with threads, and its port is free at once", async () => {
  // Twenty rounds, as the threads end one after the other and the port goes with the last.
  for (let round = 0; round < 20; round += 1) {
    const port = await freePort();
    const program = `process.on("SIGTERM", () => process.exit(0));
      Bun.serve({ hostname: "127.0.0.1", port: ${port}, fetch: () => new Response() });
      console.log("ready");`;
    const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
    await child.stdout.getReader().read();
    await fetch(`http://127.0.0.1:${port}`);

    await endProcesses([child.pid], { signal: "SIGTERM", msMax: 5_000 });

    expect(await isPortFree(port)).toBe(true);
  }
});

test("runningProcesses() finds a process that began a moment ago", async () => {
  for (let round = 0; round < 50; round += 1) {
    const mark = `tally-mark-${Bun.randomUUIDv7()}`;
    const child = Bun.spawn(["sh", "-c", "read line", mark], { stdin: "pipe" });

    const found = (await runningProcesses()).filter(({ argv }) => argv.includes(mark));
    child.kill();
    await child.exited;

    expect(found.map(({ pid }) => pid)).toEqual([child.pid]);
  }
});

test("isRunning() is false for a pid that no process has", async () => {
  expect(await isRunning(2 ** 22 + 1)).toBe(false);
});
