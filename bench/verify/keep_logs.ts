/** Keeps the logs of a fault's services and servers when its verdict needs an explanation. */
import { cp, rm } from "node:fs/promises";

/** Folders to copy, each with the folder that it becomes. */
export type Kept = readonly (readonly [from: string, to: string])[];

/**
 * Copies folders into `folder`, which is emptied first. A folder that can't be copied is reported
 * and left out: outcomes are worth more than logs.
 *
 * @returns A text for the line of the verdict.
 */
export async function keepLogs(folder: string, kept: Kept): Promise<string> {
  const problems: string[] = [];
  const attempt = async (run: () => Promise<void>) => {
    await run().catch((error: unknown) => problems.push((error as Error).message));
  };
  await attempt(() => rm(folder, { recursive: true, force: true }));
  for (const [from, to] of kept) await attempt(() => cp(from, to, { recursive: true }));
  const missing = problems.length === 0 ? "" : `, incomplete: ${problems.join("; ")}`;
  return `logs in ${folder}${missing}`;
}
