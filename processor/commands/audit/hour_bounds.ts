/**
 * The offsets of an audit that is bounded by hours. An hour has all offsets from
 * its first to its last, extended to whole archive ranges, because only offsets
 * without holes can be accounted for.
 */
import type { Database } from "@tally/shared/database";
import { ask } from "../../database/read_only.ts";
import { placeId, type PartitionPositions } from "./audited_positions.ts";
import type { Scope } from "./ordered_reads.ts";

/** From one hour up to before another, ms since 1970, whole hours, or null for no bound. */
export interface HourBounds {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** Whether there is any bound. */
export function isBounded({ fromMs, toMs }: HourBounds): boolean {
  return fromMs !== null || toMs !== null;
}

// Earlier and later than every stored time and every key.
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const END_MS = Date.parse("9999-12-31T23:00:00Z");

/** The first key of the first hour, and the first key after the last hour. */
export function keyBounds(
  keyPrefix: string,
  { fromMs, toMs }: HourBounds,
): { from: string; to: string } {
  const folder = (ms: number) =>
    `${keyPrefix}/${new Date(ms).toISOString().slice(0, 13).replace(/[-T]/g, "/")}/`;
  return { from: folder(fromMs ?? FIRST_MS), to: folder(toMs ?? END_MS) };
}

/** The common prefix of the keys of these hours: one listing finds them, with few other keys. */
export function listingPrefix(keyPrefix: string, { fromMs, toMs }: HourBounds): string {
  if (fromMs === null || toMs === null) return `${keyPrefix}/`;
  const first = keyBounds(keyPrefix, { fromMs, toMs }).from;
  const last = keyBounds(keyPrefix, { fromMs: toMs - 1, toMs: null }).from;
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  return first.slice(0, length);
}

/** The offsets of the hours by `placeId`; partitions without any are left out. */
export async function boundedScopes(
  sql: Database,
  partitions: readonly PartitionPositions[],
  { bounds, keyPrefix }: { readonly bounds: HourBounds; readonly keyPrefix: string | null },
): Promise<ReadonlyMap<string, Scope>> {
  const hulls = [
    ...(await readRowHulls(sql, bounds)),
    ...(keyPrefix === null ? [] : await readRangeHulls(sql, keyBounds(keyPrefix, bounds))),
  ];
  const scopes = new Map<string, Scope>();
  for (const { log, partition, rows, archive } of partitions) {
    const own = hulls.filter((hull) => hull.log === log && hull.partition === partition);
    if (own.length === 0 || rows === null) continue;
    const first = own.map((hull) => BigInt(hull.first)).reduce((a, b) => (a < b ? a : b));
    const last = own.map((hull) => BigInt(hull.last)).reduce((a, b) => (a > b ? a : b));
    const next = last + 1n < rows.nextOffset ? last + 1n : rows.nextOffset;
    let scope: Scope = { log, partition, firstOffset: first, nextOffset: next };
    if (keyPrefix !== null && archive !== null) {
      scope = await widened(sql, scope, archive.nextOffset);
    }
    if (scope.firstOffset < scope.nextOffset) scopes.set(placeId(log, partition), scope);
  }
  return scopes;
}

interface Hull {
  readonly log: number;
  readonly partition: number;
  readonly first: string;
  readonly last: string;
}

function readRowHulls(sql: Database, { fromMs, toMs }: HourBounds): Promise<readonly Hull[]> {
  const from = new Date(fromMs ?? FIRST_MS).toISOString();
  const to = new Date(toMs ?? END_MS).toISOString();
  return ask(
    "find the rows of these hours",
    sql<Hull[]>`
      select log, partition, min("offset")::text as first, max("offset")::text as last
      from web_events
      where received_at >= ${from}::timestamptz and received_at < ${to}::timestamptz
      group by log, partition`,
  );
}

function readRangeHulls(
  sql: Database,
  { from, to }: { from: string; to: string },
): Promise<readonly Hull[]> {
  return ask(
    "find the archive objects of these hours",
    sql<Hull[]>`
      select log, partition, min(first_offset)::text as first, max(last_offset)::text as last
      from archive_objects
      where key collate "C" >= ${from} and key collate "C" < ${to}
      group by log, partition`,
  );
}

/** The scope, extended to the whole of each range that it touches. */
async function widened(sql: Database, scope: Scope, archivedTo: bigint): Promise<Scope> {
  const { log, partition, firstOffset, nextOffset } = scope;
  const [row] = await ask(
    "find the archive ranges of these hours",
    sql<{ first: string | null; last: string | null }[]>`
      select min(first_offset)::text as first, max(last_offset)::text as last
      from archive_objects
      where log = ${log} and partition = ${partition} and first_offset < ${String(archivedTo)}
        and first_offset < ${String(nextOffset)} and last_offset >= ${String(firstOffset)}`,
  );
  if (row === undefined || row.first === null || row.last === null) return scope;
  const [first, next] = [BigInt(row.first), BigInt(row.last) + 1n];
  return {
    ...scope,
    firstOffset: first < firstOffset ? first : firstOffset,
    nextOffset: next > nextOffset ? next : nextOffset,
  };
}
