/** How far the sinks are, by their positions in the database. */
import { PARTITIONS, type System } from "../../system/system.ts";

/** Sums over the partitions. */
export interface Stored {
  /** Records before the position of the rows. */
  readonly records: number;
  readonly rows: number;
  readonly lines: number;
  /** When this was read, on `performance.now()`'s clock. */
  readonly atMs: number;
}

/** Reads the sums; all are 0 before the processor has made its tables. */
export async function readStored({ sql }: Pick<System, "sql">): Promise<Stored> {
  const [found] = await sql<[{ isThere: boolean }]>`
    select to_regclass('positions') is not null as "isThere"`;
  if (!found.isThere) return { records: 0, rows: 0, lines: 0, atMs: performance.now() };
  const [row] = await sql<[Omit<Stored, "atMs">]>`
    select coalesce(sum(records) filter (where sink = 'postgres'), 0)::integer as records,
      coalesce(sum(events) filter (where sink = 'postgres'), 0)::integer as rows,
      coalesce(sum(events) filter (where sink = 'archive'), 0)::integer as lines
    from positions`;
  return { ...row, atMs: performance.now() };
}

/** Time between two reads, ms: short against seconds, and below 1 % of a core. */
const READ_MS = 20;
/** Longest time without any progress, ms. */
const STILL_MS_MAX = 60_000;

/** Reads until it is far enough. @throws {Error} When nothing moves for a minute. */
export async function untilStored(
  system: Pick<System, "sql">,
  isEnough: (stored: Stored) => boolean,
): Promise<Stored> {
  let last = await readStored(system);
  let movedAt = last.atMs;
  for (let now = last; ; now = await readStored(system)) {
    if (isEnough(now)) return now;
    if (now.rows !== last.rows || now.lines !== last.lines) movedAt = now.atMs;
    last = now;
    if (now.atMs - movedAt > STILL_MS_MAX) {
      throw new Error(
        `Cannot wait any longer: ${now.rows} rows, ${now.lines} lines, and nothing moves`,
      );
    }
    await Bun.sleep(READ_MS);
  }
}

/** An archive object closes at this many lines; the last one of a partition waits for its age. */
const OBJECT_LINES = 1000;

/** Below this many lines the archive still closes objects by their number of lines. */
export function linesToWaitFor(events: number): number {
  return events - PARTITIONS * OBJECT_LINES;
}

/** Waits until all events are rows, and lines when asked for, and stops the processors. */
export async function settle(
  system: System,
  { events, withArchive }: { readonly events: number; readonly withArchive: boolean },
): Promise<void> {
  const enough = withArchive ? events : 0;
  await untilStored(system, ({ rows, lines }) => rows >= events && lines >= enough);
  await Promise.all(system.processors.map((processor) => processor.stop()));
}
