/**
 * The flow of a query: what there is, which range is meant, whether the counts can answer, how many
 * rows must be read, and the answer. All statements see one snapshot.
 */
import { compileQuery, isByType, type GroupRow, type Source } from "./sql/compile.ts";
import {
  COUNTED_EXTENT,
  INDEXED_EXTENT,
  STATE,
  compileHasUnnumbered,
  type Amount,
  type ExtentRow,
  type State,
} from "./sql/facts.ts";
import { TYPES_MAX } from "../counts/type_registry.ts";
import { admitEnds, admitRows } from "./admit_rows.ts";
import { isTimeAlone, withEmptyBuckets } from "./empty_buckets.ts";
import { planQuery } from "./plan.ts";
import {
  BUCKETS_MAX,
  compareRange,
  cutRange,
  resolveRange,
  type Buckets,
  type QueryRange,
  type Range,
} from "./ranges.ts";
import { isRefused, type Refused } from "./asked/refused.ts";
import type { Query, Scope } from "./asked/request.ts";
import type { Read } from "./sql/statement.ts";

export interface FindOptions {
  readonly read: Read;
  readonly nowMs: number;
  /** The most rows that one query may read. */
  readonly rowsMax: number;
}

/** The answer for one range. */
export interface FoundPart {
  readonly range: Range;
  readonly buckets: Buckets | null;
  readonly source: Source["kind"];
  /** Whether the answer tells all types of events apart. */
  readonly isExactByType: boolean;
  readonly amount: Amount;
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
  const own = { ...options, state, range, buckets, groups: null };
  if (mode === null) {
    const part = await findPart(query, own);
    return isRefused(part) ? part : { ...part, comparison: null };
  }
  const part = await findCompared(query, own);
  if (isRefused(part)) return part;

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

/** The answer that another one is compared with: by time alone it has all its buckets. */
async function findCompared(query: Query, options: PartOptions): Promise<FoundPart | Refused> {
  const { buckets } = options;
  if (buckets === null || !isTimeAlone(query)) return await findPart(query, options);
  const part = await findPart({ ...query, limit: BUCKETS_MAX, offset: 0 }, options);
  if (isRefused(part)) return part;
  return { ...part, groups: withEmptyBuckets(query, part.groups, buckets) };
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
  let isExactByType = true;
  if (source.kind === "counts" && isByType(query) && (await hasUnnumbered(source, options))) {
    // Only rows know the names of types without a number.
    const isReadable = !isRefused(await admitRows(query, options));
    if (isReadable) source = { kind: "rows", range };
    else isExactByType = false;
  }
  const amount =
    source.kind === "rows" ? await admitRows(query, options) : await admitEnds(options);
  if (isRefused(amount)) return amount;
  const found = await read<GroupRow>(compileQuery(query, { source, buckets, groups }));
  return { range, buckets, source: source.kind, isExactByType, amount, groups: found };
}

/** Whether counts can't tell all types of their part of the range apart. */
async function hasUnnumbered(
  { counted, typesMax }: Source & { readonly kind: "counts" },
  { read }: PartOptions,
): Promise<boolean> {
  if (typesMax < TYPES_MAX) return false;
  const [found] = await read<{ hasUnnumbered: boolean }>(compileHasUnnumbered(counted, typesMax));
  return found?.hasUnnumbered === true;
}
