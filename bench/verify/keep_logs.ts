/** Keeps what a fault's services and servers logged, where its verdict asks for a look. */
import { cp, rm } from "node:fs/promises";

/** Copies of folders, by the folder they become; missing ones are made. */
export type Kept = readonly (readonly [from: string, to: string])[];

/**
 * Copies folders to below `folder`, which is emptied first. What can't be copied is said and left:
 * outcomes are worth more than logs.
 *
 * @returns Words for the verdict's line.
 */
export async function keepLogs(folder: string, kept: Kept): Promise<string> {
  const problems: string[] = [];
  const attempt = async (run: () => Promise<void>) => {
    await run().catch((error: unknown) => problems.push((error as Error).message));
  };
  await attempt(() => rm(folder, { recursive: true, force: true }));
  for (const [from, to] of kept) await attempt(() => cp(from, to, { recursive: true }));
  const missing = problems.length === 0 ? "" : `, not all of them: ${problems.join("; ")}`;
  return `logs in ${folder}${missing}`;
}
