/**
 * Finds objects in the bucket that have no plan. Every object is planned before it
 * is stored, so plans are looked up after the listing has returned the object.
 */
import type { Database } from "@tally/shared/database";
import { parseObjectKey } from "../../archive/object_key.ts";

import type { BucketReader } from "../../archive/bucket.ts";
import type { ListedObject } from "../../archive/s3_client.ts";
import { ask } from "../../database/read_only.ts";
import { keyBounds, listingPrefix, type HourBounds } from "./hour_bounds.ts";
import type { Findings } from "./findings.ts";

export interface ListingOptions {
  readonly keyPrefix: string;
  readonly bounds: HourBounds;
  /** Null for all. */
  readonly partition: number | null;
  readonly findings: Findings;
  onListed(objects: number): void;
}

/** Lists the bucket page by page. @returns The number of objects that it checked. */
export async function findUnplanned(
  sql: Database,
  bucket: BucketReader,
  options: ListingOptions,
): Promise<number> {
  const { keyPrefix, bounds, findings } = options;
  let listed = 0;
  for await (const page of bucket.list(listingPrefix(keyPrefix, bounds))) {
    const wanted = page.filter((object) => isWanted(object, options));
    listed += wanted.length;
    const planned = await readPlanned(sql, wanted);
    for (const { key, bytes } of wanted) {
      if (planned.has(key)) continue;
      const partition = parseObjectKey(key)?.partition;
      const detail = `${bytes} bytes`;
      findings.add("object_unplanned", {
        ...(partition !== undefined && { partition }),
        key,
        detail,
      });
    }
    options.onListed(listed);
  }
  return listed;
}

// Some stores list an upload in progress under its key and an upload id.
const UPLOAD_IN_PROGRESS = /^(.+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isWanted(
  { key, bytes }: ListedObject,
  { keyPrefix, bounds, partition }: ListingOptions,
): boolean {
  const { from, to } = keyBounds(keyPrefix, bounds);
  const isBelow = bounds.fromMs !== null && key < from;
  if (isBelow || (bounds.toMs !== null && key >= to)) return false;
  // Consoles of stores create such an object for a new folder.
  if (bytes === 0 && key.endsWith("/")) return false;
  const inProgress = UPLOAD_IN_PROGRESS.exec(key)?.[1];
  if (inProgress !== undefined && parseObjectKey(inProgress) !== null) return false;
  return partition === null || parseObjectKey(key)?.partition === partition;
}

/** The keys that have a plan in any log; plans are found by the ranges in the keys. */
async function readPlanned(
  sql: Database,
  objects: readonly ListedObject[],
): Promise<ReadonlySet<string>> {
  const keys = objects.flatMap(({ key }) => parseObjectKey(key) ?? []);
  if (keys.length === 0) return new Set();
  const rows = await ask(
    "look for plans",
    sql<{ key: string }[]>`
      select key
      from unnest(${`{${keys.map(({ partition }) => partition)}}`}::integer[],
        ${`{${keys.map(({ firstOffset }) => firstOffset)}}`}::bigint[]) as seen (partition, first_offset)
      cross join logs
      join archive_objects using (log, partition, first_offset)
      where key is not null`,
  );
  return new Set(rows.map(({ key }) => key));
}
