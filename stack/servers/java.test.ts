import { expect, test } from "bun:test";
import { chmod, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findJava, findMaven, parseJavaVersion } from "./java.ts";

test("parseJavaVersion() reads the main version of new and old Javas", () => {
  expect(parseJavaVersion('openjdk version "17.0.15" 2025-04-15')).toBe(17);
  expect(parseJavaVersion('openjdk version "25" 2025-09-16')).toBe(25);
  expect(parseJavaVersion('java version "1.8.0_292"')).toBe(8);
  expect(parseJavaVersion("command not found")).toBeNull();
});

test("findJava() names what to install when there is no Java", async () => {
  const finding = findJava({ PATH: "/nonexistent" });

  await expect(finding).rejects.toMatchObject({
    code: "java_missing",
    message: expect.stringContaining("apt install openjdk-17-jre-headless"),
  });
});

test("findJava() refuses a Java that is too old", async () => {
  const folder = await folderWith("java", `echo 'java version "11.0.2" 2019-01-15' >&2`);

  const finding = findJava({ PATH: folder });

  await expect(finding).rejects.toMatchObject({
    code: "java_too_old",
    message: expect.stringContaining("Java 11"),
  });
});

test("findJava() takes the one in JAVA_HOME before the one in PATH", async () => {
  const home = await folderWith("bin/java", `echo 'openjdk version "21.0.1"' >&2`);

  const java = await findJava({ JAVA_HOME: home, PATH: Bun.env["PATH"] });

  expect(java.path).toBe(join(home, "bin/java"));
});

test("findMaven() names what to install when there is no Maven", () => {
  expect(() => findMaven({ PATH: "/nonexistent" })).toThrow("apt install maven");
});

/** A folder with one script in it. */
async function folderWith(name: string, script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tally-java-"));
  const path = join(folder, name);
  await Bun.write(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  await writeFile(join(folder, "empty"), "");
  return folder;
}
