/** How much memory there is for everything that runs here. */
import { totalmem } from "node:os";

/**
 * Reads the limit of the container (its cgroup), or all memory of the machine when there is none,
 * bytes.
 */
export function readMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
