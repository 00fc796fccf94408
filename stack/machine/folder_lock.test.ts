import { tryLock } from "@tally/shared";
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lockFolder } from "./folder_lock.ts";

const parent = await mkdtemp(join(tmpdir(), "tally-lock-"));
afterAll(() => rm(parent, { recursive: true, force: true }));

test("lockFolder() refuses a folder that another process holds, and names that process", async () => {
  const folder = await mkdtemp(join(parent, "held-"));
  const holder = await holdInAnotherProcess(folder);

  const error = catchError(() => lockFolder(folder));
  holder.kill("SIGKILL");
  await holder.exited;

  expect(error).toMatchObject({ code: "folder_locked" });
  expect(String(error)).toContain(`pid ${holder.pid}`);
});

test("lockFolder() takes a folder whose owner was killed", async () => {
  const folder = await mkdtemp(join(parent, "killed-"));
  const holder = await holdInAnotherProcess(folder);
  holder.kill("SIGKILL");
  await holder.exited;

  const lock = lockFolder(folder);
  const second = tryLock(join(folder, "lock"));
  lock.release();
  const third = tryLock(join(folder, "lock"));
  third?.release();

  expect(second).toBeNull();
  expect(third).not.toBeNull();
});

async function holdInAnotherProcess(folder: string): Promise<Bun.Subprocess> {
  const program = `
    import { lockFolder } from ${JSON.stringify(join(import.meta.dir, "folder_lock.ts"))};
    globalThis.held = lockFolder(${JSON.stringify(folder)});
    console.log("held");
    setInterval(() => {}, 1000);`;
  const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
  await child.stdout.getReader().read();
  return child;
}

function catchError(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}
