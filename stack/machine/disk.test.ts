import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { prepareFolder } from "./disk.ts";
import { explainDiskFull, StackError, throwAll } from "./error.ts";

const parent = await mkdtemp(join(tmpdir(), "tally-disk-"));
afterAll(() => rm(parent, { recursive: true, force: true }));

test("prepareFolder() refuses a disk with too little room and names the space that is needed", async () => {
  const preparing = prepareFolder(join(parent, "data"), 2 ** 62);

  await expect(preparing).rejects.toMatchObject({
    code: "disk_full",
    message: expect.stringContaining("STACK_DATA_FOLDER"),
  });
});

test("explainDiskFull() names the folder when a write finds no space", async () => {
  if (process.platform !== "linux") return;
  // Every write to this device fails as on a full disk.
  const error: unknown = await writeFile("/dev/full", "x").catch((reason: unknown) => reason);

  const explained = explainDiskFull(error, "/data");

  expect(explained).toMatchObject({ code: "disk_full", cause: error });
  expect(String(explained)).toContain("/data");
});

test("throwAll() reports several failures in one message, and the same one once", () => {
  const reasons = ["no java", "no java", "no maven"].map(
    (message) => new StackError("java_missing", message),
  );
  const results = reasons.map((reason) => ({ status: "rejected" as const, reason }));

  expect(() => throwAll(results)).toThrow(/^no java\nno maven$/);
});
