/** Whether the built dashboard is older than what it is made of. */
import { Glob } from "bun";
import { stat } from "node:fs/promises";
import { join } from "node:path";

const SOURCES = new Glob("**/*.{ts,tsx,css,html,json,svg,png}");
const OTHERS = /(^|\/)(node_modules|dist)\/|\.test\.tsx?$/;

/** True when there is no build or a source is newer than it. */
export async function isDashboardStale(folder: string): Promise<boolean> {
  const built = await stat(join(folder, "dist", "index.html")).catch(() => null);
  if (built === null) return true;
  for await (const path of SOURCES.scan({ cwd: folder })) {
    if (OTHERS.test(path)) continue;
    const source = await stat(join(folder, path));
    if (source.mtimeMs > built.mtimeMs) return true;
  }
  return false;
}
