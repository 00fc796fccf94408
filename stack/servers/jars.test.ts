import { afterAll, expect, test } from "bun:test";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fetchJars, hasJars, userCacheFolder, type Program } from "./jars.ts";

const folder = await mkdtemp(join(tmpdir(), "tally-jars-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const program: Program = {
  name: "program",
  version: "1.2.3",
  artifacts: [{ groupId: "g", artifactId: "a", version: "1.2.3", classifier: "all", alone: true }],
};

test("fetchJars() publishes what Maven brought and never calls it again", async () => {
  const maven = await mavenThat('echo "Downloaded from x: a.jar"; echo jar > "$OUT/a.jar"');
  const notes: string[] = [];
  const options = {
    cacheFolder: join(folder, "good"),
    onProgress: (note: string) => notes.push(note),
  };

  const jars = await fetchJars(program, { ...options, env: maven });
  const again = await fetchJars(program, { ...options, env: { PATH: "/nonexistent" } });

  expect(await readdir(jars)).toEqual(["a.jar"]);
  expect(again).toBe(jars);
  expect(await hasJars(program, options.cacheFolder)).toBe(true);
  expect(notes.at(-1)).toContain("1 files");
});

test("fetchJars() leaves nothing that counts as jars when Maven fails", async () => {
  const maven = await mavenThat(
    'echo half > "$OUT/a.jar"; echo "[ERROR] no route to host"; exit 1',
  );
  const cacheFolder = join(folder, "bad");

  const fetching = fetchJars(program, { cacheFolder, env: maven, onProgress: () => undefined });

  await expect(fetching).rejects.toMatchObject({
    code: "download_failed",
    message: expect.stringContaining("no route to host"),
  });
  expect(await hasJars(program, cacheFolder)).toBe(false);
});

test("fetchJars() names what to install when there is no Maven", async () => {
  const options = { cacheFolder: join(folder, "none"), onProgress: () => undefined };

  const fetching = fetchJars(program, { ...options, env: { PATH: "/nonexistent" } });

  await expect(fetching).rejects.toMatchObject({ code: "maven_missing" });
});

test("userCacheFolder() follows XDG_CACHE_HOME and else lies in the home folder", () => {
  expect(userCacheFolder({ XDG_CACHE_HOME: "/x", HOME: "/h" })).toBe("/x/tally");
  expect(userCacheFolder({ HOME: "/h" })).toStartWith("/h/");
});

/** An environment whose `mvn` is a script; `$OUT` is the folder it was asked to fill. */
async function mavenThat(script: string): Promise<Record<string, string>> {
  const path = await mkdtemp(join(folder, "mvn-"));
  const find =
    'for each in "$@"; do case "$each" in -DoutputDirectory=*) OUT="${each#*=}";; esac; done';
  await Bun.write(join(path, "mvn"), `#!/bin/sh\n${find}\n${script}\n`);
  await chmod(join(path, "mvn"), 0o755);
  return { PATH: path };
}
