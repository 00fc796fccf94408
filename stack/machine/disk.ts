/** Checks the free space of a disk before a start, so that no server runs out of it in a write. */
import { mkdir, statfs } from "node:fs/promises";

import { StackError, explainDiskFull } from "./error.ts";

/**
 * Below this a start is refused (bytes): 1 GiB holds Kafka's first segments and PostgreSQL's WAL.
 */
export const FREE_BYTES_MIN = 1024 ** 3;

/** Makes the folder and throws `disk_full` when its disk has too little room. */
export async function prepareFolder(folder: string, freeBytesMin = FREE_BYTES_MIN): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw explainDiskFull(error, folder);
  });
  const disk = await statfs(folder);
  const freeBytes = disk.bavail * disk.bsize;
  if (freeBytes >= freeBytesMin) return;
  const message =
    `the disk of ${folder} has ${mebibytes(freeBytes)} MiB free, at least ` +
    `${mebibytes(freeBytesMin)} MiB are needed: free some, or set STACK_DATA_FOLDER to another disk`;
  throw new StackError("disk_full", message);
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / 1024 ** 2);
}
