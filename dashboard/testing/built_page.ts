/** Test support: builds the page as it is shipped, into a temporary folder. */
import { runCommand } from "@tally/shared";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns The folder with `index.html`; the caller removes it. */
export async function buildPage(): Promise<string> {
  const dist = await mkdtemp(join(tmpdir(), "tally-dashboard-"));
  const vite = ["--bun", "vite", "build", "--emptyOutDir", "--outDir", dist];
  const { exitCode, problems } = await runCommand([process.execPath, ...vite], {
    cwd: join(import.meta.dir, ".."),
    // A test's own mode would build the page for development.
    env: { ...process.env, NODE_ENV: "production" },
  });
  if (exitCode !== 0) throw new Error(`Cannot build the page: ${problems}`);
  return dist;
}
