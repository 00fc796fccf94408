/** Writes `bench/README.md` from the newest full result. Entry point of a part of `bun run doc`. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { formatDocument } from "@tally/shared/doc";

import { FAMILIES } from "../families/families.ts";
import { GROWTH } from "../families/growth.ts";
import { readmeText } from "./readme.ts";
import type { BenchResult, Mode } from "./result.ts";

if (import.meta.main) await writeReadme(join(import.meta.dir, "..", "..", ".."));

/** Writes it. @param root Folder of the repository. */
export async function writeReadme(root: string): Promise<void> {
  await Bun.write(join(root, "bench", "README.md"), await wantedReadme(root));
}

/** What it should say. */
export async function wantedReadme(root: string): Promise<string> {
  const folder = join(root, "bench", "results");
  const full = await newestResult(folder, "full");
  const growth = await newestResult(folder, "growth");
  const text = readmeText([...FAMILIES, ...GROWTH], { full, growth });
  return await formatDocument("bench/README.md", text);
}

/** Names begin with their time: the last one is the newest. */
async function newestResult(folder: string, mode: Mode): Promise<BenchResult | null> {
  // No folder: nothing was kept yet.
  const names = await readdir(folder).catch(() => []);
  const newest = names
    .filter((name) => name.endsWith(`-${mode}.json`))
    .toSorted()
    .at(-1);
  if (newest === undefined) return null;
  return (await Bun.file(join(folder, newest)).json()) as BenchResult;
}
