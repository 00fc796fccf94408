import { afterAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { emptyFolder, foldersOf } from "./empty_folder.ts";
import { lockFolder } from "../machine/folder_lock.ts";

const parent = await mkdtemp(join(tmpdir(), "tally-empty-"));
// PostgreSQL's user has to pass when we are root.
await chmod(parent, 0o755);
afterAll(() => rm(parent, { recursive: true, force: true }));

test("emptyFolder() deletes what a stack has made", async () => {
  const folder = join(parent, "data");
  await Bun.write(join(folder, "kafka/log/meta.properties"), "");
  await mkdir(join(folder, "postgres/cluster"), { recursive: true });
  // Makes the lock's files, as a stack that has run would have left them.
  lockFolder(folder).release();

  await emptyFolder(folder);

  expect(await foldersOf(folder)).toEqual([]);
});

test("emptyFolder() refuses a folder that holds anything else", async () => {
  const folder = join(parent, "home");
  await Bun.write(join(folder, "thesis.txt"), "my only copy");

  const emptying = emptyFolder(folder);

  await expect(emptying).rejects.toMatchObject({ code: "folder_foreign" });
  expect(await Bun.file(join(folder, "thesis.txt")).exists()).toBe(true);
});

test("emptyFolder() refuses a folder on which a stack runs", async () => {
  const folder = join(parent, "running");
  await mkdir(folder);
  const lock = lockFolder(folder);

  const emptying = emptyFolder(folder);

  await expect(emptying).rejects.toMatchObject({ code: "folder_locked" });
  lock.release();
});
