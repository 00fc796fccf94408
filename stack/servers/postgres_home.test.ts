import { afterAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isPassable, postgresDataFolder } from "./postgres_home.ts";
import { clearPidFile } from "./postgres_pid_file.ts";

const parent = await mkdtemp(join(tmpdir(), "tally-home-"));
await chmod(parent, 0o755);
afterAll(() => rm(parent, { recursive: true, force: true }));
const isRoot = process.getuid?.() === 0;

test("isPassable() is false when any folder above is closed to others", async () => {
  const closed = join(parent, "closed");
  await mkdir(join(closed, "inner"), { recursive: true });
  await chmod(closed, 0o700);

  expect(await isPassable(join(closed, "inner"))).toBe(false);
  expect(await isPassable(join(closed, "not", "made", "yet"))).toBe(false);
});

test("postgresDataFolder() leaves a closed folder only when we are root", async () => {
  const closed = join(parent, "closed-too");
  await mkdir(closed);
  await chmod(closed, 0o700);

  const data = await postgresDataFolder(join(closed, "data"));

  expect(data.startsWith(closed)).toBe(!isRoot);
});

test("postgresDataFolder() throws when data lies where it can no longer be reached", async () => {
  const closed = join(parent, "closed-later");
  await mkdir(join(closed, "postgres", "cluster"), { recursive: true });
  await chmod(closed, 0o700);

  const finding = postgresDataFolder(closed);

  if (isRoot) await expect(finding).rejects.toMatchObject({ code: "folder_unreachable" });
  else expect(await finding).toBe(join(closed, "postgres"));
});

test("clearPidFile() removes the file of a server that is gone", async () => {
  const cluster = join(parent, "cluster");
  await mkdir(cluster);
  // The first pid of every machine: alive, but no PostgreSQL of this folder.
  await writeFile(join(cluster, "postmaster.pid"), "1\n/cluster\n");

  await clearPidFile(cluster);

  expect(await Bun.file(join(cluster, "postmaster.pid")).exists()).toBe(false);
});
