/**
 * The linter's rules that replace checks of our own: each is proved to fire on a
 * bad file, with the configuration of the repository.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ROOT } from "./testing/sources.ts";

const TYPE = "export type Kept = string;\n";

/** The rule that must fire, by the text of the one bad file. */
const BAD_FILES: Readonly<Record<string, string>> = {
  "eslint(max-lines)": TYPE + "// A line.\n".repeat(300),
  "eslint(no-empty)": "try {\n  JSON.parse(``);\n} catch {}\n",
  "eslint(no-warning-comments)": `${TYPE}// Later: ${"TO" + "DO"} something.\n`,
  "typescript(ban-ts-comment)": `// @ts-${"expect-error"}: with a reason\n${TYPE}`,
  "typescript(no-explicit-any)": "export type Loose = any;\n",
  "typescript(no-non-null-assertion)":
    "export const first = (list: string[]): string => list[0]!;\n",
};

/** Two files that import types of each other. */
const CIRCLE: Readonly<Record<string, string>> = {
  "circle_left.ts":
    'import type { Right } from "./circle_right.ts";\nexport type Left = Right[];\n',
  "circle_right.ts": 'import type { Left } from "./circle_left.ts";\nexport type Right = Left[];\n',
};

let folder = "";
let found: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tally-lint-"));
  const bad = Object.values(BAD_FILES).map((text, index) => [`bad_${index}.ts`, text] as const);
  const good = ["good.ts", TYPE + "// A line.\n".repeat(299)] as const;
  for (const [name, text] of [...bad, ...Object.entries(CIRCLE), good]) {
    await Bun.write(join(folder, name), text);
  }
  found = await lint(folder);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What the linter finds in a folder: file name and rule. */
async function lint(path: string): Promise<string[]> {
  const child = Bun.spawn({
    cmd: [process.execPath, "node_modules/.bin/oxlint", "-c", ".oxlintrc.json", "-f", "json", path],
    cwd: ROOT,
    stdout: "pipe",
  });
  const { diagnostics } = (await new Response(child.stdout).json()) as {
    diagnostics: { filename: string; code: string }[];
  };
  return diagnostics.map(({ filename, code }) => `${filename.split("/").at(-1)} ${code}`);
}

test.each(Object.keys(BAD_FILES).map((rule, index) => [rule, index] as const))(
  "%s finds a bad file",
  (rule, index) => {
    expect(found).toContain(`bad_${index}.ts ${rule}`);
  },
);

test("import(no-cycle) finds a circle of types alone", () => {
  expect(found).toContain("circle_left.ts import(no-cycle)");
});

test("nothing is found in a file that keeps the rules", () => {
  expect(found.filter((each) => each.startsWith("good.ts"))).toEqual([]);
});
