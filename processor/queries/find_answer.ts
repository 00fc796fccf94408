/**
 * The flow of a query: what there is, which range is meant, whether the counts can answer, how many
 * rows must be read, and the answer. All statements see one snapshot.
 */
import { compileQuery, isByType, type Source } from "./sql/compile.ts";
import {
  COUNTED_EXTENT,
  INDEXED_EXTENT,
  STATE,
  compileAmount,
  compileBound,
  touched,
  type Amount,
  type Bound,
  type ExtentRow,
  type State,
} from "./sql/facts.ts";
import { planQuery, splitRange } from "./plan.ts";
import {
  compareRange,
  cutRange,
  printMoment,
  resolveRange,
  type Buckets,
  type QueryRange,
  type Range,
} from "./ranges.ts";
import { isRefused, refused, type Refused } from "./asked/refused.ts";
import type { Query, Scope } from "./asked/request.ts";
import type { Statement } from "./sql/statement.ts";

/** Runs a statement in the snapshot of the query. */
export type Read = <Row>(statement: Statement) => Promise<readonly Row[]>;

export interface FindOptions {
  readonly read: Read;
  readonly nowMs: number;
  /** The most rows that one query may read. */
  readonly rowsMax: number;
}

/** One row of a statement that `compileQuery` made. */
export type GroupRow = Readonly<Record<string, unknown>>;

/** The answer for one range. */
export interface FoundPart {
  readonly range: Range;
  readonly buckets: Buckets | null;
  readonly source: Source["kind"];
  readonly isExact: boolean;
  readonly amount: Amount;
  readonly rowsRead: number;
  readonly groups: readonly GroupRow[];
}

/** The answer, and that for the range which it is compared with. */
export interface Found extends FoundPart {
  readonly comparison: FoundPart | null;
}

/** Finds the answer of a query. */
export async function findAnswer(query: Query, options: FindOptions): Promise<Found | Refused> {
  const { timeZone, comparison: mode } = query;
  const looked = await lookAtRange(query, options);
  if (isRefused(looked)) return looked;
  const { state, range } = looked;
  const time = query.dimensions.find((dimension) => dimension.kind === "time");
  const cut = (part: Range, grain = time?.grain ?? null): Buckets | null | Refused =>
    time === undefined ? null : cutRange(part, { grain, timeZone });
  const buckets = cut(range);
  if (isRefused(buckets)) return buckets;
  const part = await findPart(query, { ...options, state, range, buckets, groups: null });
  if (isRefused(part) || mode === null)
    return isRefused(part) ? part : { ...part, comparison: null };

  const otherRange = compareRange(range, mode, timeZone);
  if (isRefused(otherRange)) return otherRange;
  const otherBuckets = cut(otherRange, buckets?.grain);
  if (isRefused(otherBuckets)) return otherBuckets;
  const groups = part.groups.map((row) => query.dimensions.map((_, index) => row[`d${index}`]));
  const other = { ...options, state, range: otherRange, buckets: otherBuckets, groups };
  const comparison = await findPart(query, other);
  return isRefused(comparison) ? comparison : { ...part, comparison };
}

/** What there is, and the range that is meant. */
export async function lookAtRange(
  { range: wish, timeZone }: Scope,
  { read, nowMs }: FindOptions,
): Promise<{ readonly state: State; readonly range: QueryRange } | Refused> {
  const [state] = await read<State>(STATE);
  if (state === undefined) throw new Error("A statement that gives one row gave none");
  let extent: Range | null = null;
  if (wish.kind === "all") {
    const [found] = await read<ExtentRow>(state.isFilled ? COUNTED_EXTENT : INDEXED_EXTENT);
    const { fromMs = null, toMs = null } = found ?? {};
    extent = fromMs === null || toMs === null ? null : { fromMs, toMs };
  }
  const range = resolveRange(wish, { timeZone, nowMs, extent });
  return isRefused(range) ? range : { state, range };
}

interface PartOptions extends FindOptions {
  readonly state: State;
  readonly range: Range;
  readonly buckets: Buckets | null;
  readonly groups: readonly (readonly unknown[])[] | null;
}

async function findPart(query: Query, options: PartOptions): Promise<FoundPart | Refused> {
  const { read, state, range, buckets, groups } = options;
  let source = planQuery(query, { range, buckets, ...state });
  let isExact = true;
  if (source.kind === "counts" && state.hasMoreTypes && isByType(query)) {
    // Events of types without a number may be in the range: only rows know their names.
    const isReadable = !isRefused(await admitRows(query, options));
    if (isReadable) source = { kind: "rows", range };
    else isExact = false;
  }
  const amount = await admitPart(query, source, options);
  if (isRefused(amount)) return amount;
  const found = await read<GroupRow>(compileQuery(query, { source, buckets, groups }));
  const rowsRead = source.kind === "rows" ? amount.rows : amount.read;
  return { range, buckets, source: source.kind, isExact, amount, rowsRead, groups: found };
}

async function admitPart(
  query: Query,
  source: Source,
  options: PartOptions,
): Promise<Amount | Refused> {
  const { range, state, rowsMax, read } = options;
  if (source.kind === "rows") return await admitRows(query, options);
  const amount = await readAmount(read, splitRange(range, state.minutesFromMs), rowsMax);
  // Counted one by one up to the bound: above it neither the amount nor the answer is known.
  return amount.read <= rowsMax ? amount : refuseEdges(rowsMax);
}

/** What `admitRows` needs to know. */
export type AdmitOptions = Pick<PartOptions, "read" | "state" | "range" | "rowsMax">;

/** Counts the rows of a range, or refuses to read them because they are too many. */
export async function admitRows(
  { timeZone }: Pick<Scope, "timeZone">,
  { read, state, range, rowsMax }: AdmitOptions,
): Promise<Amount | Refused> {
  if (!state.isFilled) {
    const amount = await readAmount(read, { counted: null, edges: [range] }, rowsMax);
    return amount.rows <= rowsMax ? amount : refuseWide(`more than ${rowsMax}`, rowsMax, null);
  }
  const [bound] = await read<Bound>(compileBound(touched(range), rowsMax));
  const { rows = 0, passesFromMs = null } = bound ?? {};
  if (rows > rowsMax) {
    // The last quarter of the rows that are touched lies after the range.
    const fromMs = passesFromMs === null ? null : passesFromMs + PASS_MARGIN_MS;
    const passes =
      fromMs === null || fromMs >= range.toMs
        ? null
        : [fromMs, range.toMs].map((ms) => printMoment(ms, timeZone));
    return refuseWide(`about ${rows}`, rowsMax, passes);
  }
  return await readAmount(read, splitRange(range, state.minutesFromMs), rowsMax);
}

/** A range touches whole quarters of an hour before its start. */
const PASS_MARGIN_MS = 2 * 15 * 60_000;

function refuseWide(rows: string, rowsMax: number, passes: readonly string[] | null): Refused {
  const hint =
    passes === null
      ? "Choose a shorter range"
      : `This date_range passes: ${JSON.stringify(passes)}`;
  return refused(
    "query_too_wide",
    "/date_range",
    `It would read ${rows} rows, and ANALYTICS_ROWS_MAX is ${rowsMax}. ${hint}`,
  );
}

function refuseEdges(rowsMax: number): Refused {
  return refused(
    "query_too_wide",
    "/date_range",
    `Its ends would read more than ${rowsMax} rows, and ANALYTICS_ROWS_MAX is ${rowsMax}. Choose a date_range that begins and ends with a quarter of an hour`,
  );
}

async function readAmount(
  read: Read,
  split: Parameters<typeof compileAmount>[0],
  rowsMax: number,
): Promise<Amount> {
  const [amount] = await read<Amount>(compileAmount(split, rowsMax));
  return amount ?? { rows: 0, late: 0, read: 0 };
}
