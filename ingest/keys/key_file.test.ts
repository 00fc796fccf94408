import { afterEach, describe, expect, test } from "bun:test";
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKeySet } from "@tally/shared/keys/testing";
import { readKeyFile, writeKeyFile } from "./key_file.ts";

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function createFile(database = "db") {
  const folder = await mkdtemp(join(tmpdir(), "tally-keys-"));
  folders.push(folder);
  let nowMs = 1_000_000;
  const path = join(folder, "below", "keys.json");
  const options = { path, database, wallNow: () => nowMs };
  return { options, path, folder, pass: (ms: number) => (nowMs += ms) };
}

describe("readKeyFile()", () => {
  test("gives back what was written, and its age", async () => {
    const { options, pass } = await createFile();
    const { set, texts } = createKeySet({ name: "a" }, { name: "b" });

    await writeKeyFile(options, set);
    pass(5000);
    const kept = await readKeyFile(options);

    expect(kept?.ageMs).toBe(5000);
    expect(kept?.set.version).toBe(set.version);
    expect(texts.map((text) => kept?.set.find(text))).toEqual(texts.map((text) => set.find(text)));
  });

  test("takes a time in the future for now", async () => {
    const { options, pass } = await createFile();
    await writeKeyFile(options, createKeySet({}).set);

    pass(-1000);

    expect((await readKeyFile(options))?.ageMs).toBe(0);
  });

  test("is null when there is no file, or that of another database", async () => {
    const { options } = await createFile();

    expect(await readKeyFile(options)).toBeNull();
    await writeKeyFile(options, createKeySet({}).set);
    expect(await readKeyFile({ ...options, database: "other" })).toBeNull();
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    '{"database":"db"}',
    '{"database":"db","confirmedMs":1,"keys":"{}"}',
  ])("is null when the file holds %j", async (text) => {
    const { options, folder } = await createFile();
    const path = join(folder, "broken.json");
    await writeFile(path, text, { mode: 0o600 });

    expect(await readKeyFile({ ...options, path })).toBeNull();
  });

  test("refuses a file that others may write: they could add keys", async () => {
    const { options, path } = await createFile();
    await writeKeyFile(options, createKeySet({}).set);

    await chmod(path, 0o620);

    await expect(readKeyFile(options)).rejects.toThrow("others may write");
  });
});

describe("writeKeyFile()", () => {
  test("makes a file for its owner alone, without any key in it", async () => {
    const { options, path } = await createFile();
    const { set, texts } = createKeySet({});

    await writeKeyFile(options, set);

    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, "utf8")).not.toContain(texts[0] ?? "no key");
  });

  test("replaces the file as a whole, also after a crash in the middle", async () => {
    const { options, path, folder } = await createFile();
    await writeKeyFile(options, createKeySet({ name: "old" }).set);
    await writeFile(`${path}.${process.pid}`, "half", { mode: 0o666 });

    await writeKeyFile(options, createKeySet({ name: "new" }).set);

    const kept = await readKeyFile(options);
    expect([...(kept?.set.keys() ?? [])].map(({ name }) => name)).toEqual(["new"]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, "below"))).toEqual(["keys.json"]);
  });
});
