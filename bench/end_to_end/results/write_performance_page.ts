/**
 * Writes `docs/performance.md` from the newest full result. Entry point of the
 * first part of `bun run doc`.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { formatDocument } from "@tally/shared/doc";

import { FAMILIES } from "../families/families.ts";
import { GROWTH } from "../families/growth.ts";
import { performancePage } from "./performance_page.ts";
import type { BenchResult, Mode } from "./result.ts";

/** Path of the page in the repository. */
export const PERFORMANCE_PAGE = "docs/performance.md";

if (import.meta.main) await writePerformancePage(join(import.meta.dir, "..", "..", ".."));

/** Writes the page. @param root Folder of the repository. */
export async function writePerformancePage(root: string): Promise<void> {
  await Bun.write(join(root, PERFORMANCE_PAGE), await wantedPerformancePage(root));
}

/** The page as it should be. */
export async function wantedPerformancePage(root: string): Promise<string> {
  const folder = join(root, "bench", "results");
  const full = await newestResult(folder, "full");
  const growth = await newestResult(folder, "growth");
  const text = performancePage([...FAMILIES, ...GROWTH], { full, growth });
  return await formatDocument(PERFORMANCE_PAGE, text);
}

/** File names begin with the time of the run, so the last one is the newest. */
async function newestResult(folder: string, mode: Mode): Promise<BenchResult | null> {
  // Without the folder no result was kept yet.
  const names = await readdir(folder).catch(() => []);
  const newest = names
    .filter((name) => name.endsWith(`-${mode}.json`))
    .toSorted()
    .at(-1);
  if (newest === undefined) return null;
  return (await Bun.file(join(folder, newest)).json()) as BenchResult;
}
