/** `GET /archive/objects`: the ranges of the log that the archive has planned and stored. */
import type { Database } from "@tally/shared/database";
import type { ObjectsQuery } from "../schemas.ts";
import { encodeCursor } from "./cursor.ts";
import { printTime } from "./time.ts";

/** One range; `key` is null when the range has no lines, and so no object. */
export interface ArchiveObject {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: string;
  readonly lastOffset: string;
  readonly key: string | null;
  readonly format: string;
  readonly events: number;
  /** Bytes, uncompressed. */
  readonly bytes: number;
  readonly sha256: string;
  readonly state: "planned" | "stored";
  readonly plannedAt: string;
  readonly storedAt: string | null;
}

/** By log, then partition, then offset, the highest first; `next` is null at the end. */
export interface ObjectsPage {
  readonly objects: readonly ArchiveObject[];
  readonly next: string | null;
}

/** Reads a page. */
export async function findObjects(
  sql: Database,
  { partition, state, after, limit }: ObjectsQuery,
): Promise<ObjectsPage> {
  const [afterLog = null, afterPartition = null, afterOffset = null] = after ?? [];
  const rows = await sql<(ArchiveObject & { log: number })[]>`
    select log, topic, partition, first_offset::text as "firstOffset", last_offset::text as "lastOffset", key, format,
      events::float8, bytes::float8, sha256, state,
      ${printTime(sql, "planned_at")} as "plannedAt", ${printTime(sql, "stored_at")} as "storedAt"
    from archive_objects join logs using (log)
    where true
      ${partition === undefined ? sql`` : sql`and partition = ${partition}`}
      ${state === undefined ? sql`` : sql`and state = ${state}`}
      ${
        after === undefined
          ? sql``
          : sql`and (log, partition, first_offset) < (${afterLog}::smallint, ${afterPartition}::integer, ${afterOffset}::bigint)`
      }
    order by log desc, partition desc, first_offset desc limit ${limit + 1}`;
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    objects: shown.map(({ log: _log, ...object }) => object),
    next:
      last === undefined
        ? null
        : encodeCursor([String(last.log), String(last.partition), last.firstOffset]),
  };
}
