/**
 * Objects in the bucket that nobody planned. Every object is planned before it
 * is stored, so plans are looked up after the listing has shown it.
 */
import { parseObjectKey } from "../../archive/object_key.ts";

import type { BucketReader } from "../../archive/bucket.ts";
import type { ListedObject } from "../../archive/s3_client.ts";
import type { Database } from "../../database/database.ts";
import { ask } from "../../database/read_only.ts";
import { keyBounds, listingPrefix, type HourBounds } from "./bounds.ts";
import type { Findings } from "./findings.ts";

export interface ListingOptions {
  readonly keyPrefix: string;
  readonly bounds: HourBounds;
  /** Null: all. */
  readonly partition: number | null;
  readonly findings: Findings;
  onListed(objects: number): void;
}

/** Lists the bucket, a page at a time. @returns How many objects it looked at. */
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

// Some stores list an upload in progress under its key and an id of its own.
const UPLOAD_IN_PROGRESS = /^(.+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isWanted(
  { key, bytes }: ListedObject,
  { keyPrefix, bounds, partition }: ListingOptions,
): boolean {
  const { from, to } = keyBounds(keyPrefix, bounds);
  const isBelow = bounds.fromMs !== null && key < from;
  if (isBelow || (bounds.toMs !== null && key >= to)) return false;
  // What consoles make when somebody creates a folder.
  if (bytes === 0 && key.endsWith("/")) return false;
  const inProgress = UPLOAD_IN_PROGRESS.exec(key)?.[1];
  if (inProgress !== undefined && parseObjectKey(inProgress) !== null) return false;
  return partition === null || parseObjectKey(key)?.partition === partition;
}

/** Those of the keys that are planned, in whatever log; found by the ranges that they name. */
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
