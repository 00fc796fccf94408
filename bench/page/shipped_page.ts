/** Builds the page where the processor serves it from. */
import { cp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, tryLock, type FileLock } from "@tally/shared";
import { buildPage } from "@tally/dashboard/testing/built_page";

const DIST = join(import.meta.dir, "..", "..", "dashboard", "dist");
/** How long other builds may take before this one. */
const WAIT_MS_MAX = 120_000;

/** Another file of the run may build at the same time: one after the other, never half a page. */
export async function buildShippedPage(): Promise<void> {
  const lock = await waitForLock(join(tmpdir(), "tally-page-build.lock"));
  try {
    const built = await buildPage();
    // Both are on the disk of the checkout then, so that the last step is a rename.
    await cp(built, `${DIST}-next`, { recursive: true });
    await rm(`${DIST}-old`, { recursive: true, force: true });
    // In a clean checkout there is no page yet. Any other trouble fails the next rename.
    await rename(DIST, `${DIST}-old`).catch(() => undefined);
    await rename(`${DIST}-next`, DIST);
    for (const folder of [built, `${DIST}-old`]) {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}

async function waitForLock(path: string): Promise<FileLock> {
  let lock: FileLock | null = null;
  await eventually(async () => (lock = tryLock(path)) !== null, WAIT_MS_MAX);
  if (lock === null) throw new Error("another test builds the page for too long");
  return lock;
}
