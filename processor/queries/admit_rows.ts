/**
 * How many rows a question has to read, before it reads them. One that would read too many is
 * refused, with the numbers and, where there is one, a range that passes.
 */
import { splitRange, type Split } from "./plan.ts";
import { printMoment, type Range } from "./ranges.ts";
import { refused, type Refused } from "./asked/refused.ts";
import type { Scope } from "./asked/request.ts";
import {
  compileAmount,
  compileBound,
  compileNear,
  touched,
  type Amount,
  type Bound,
  type NearPlan,
  type State,
} from "./sql/facts.ts";
import type { Read } from "./sql/statement.ts";

export interface AdmitOptions {
  readonly read: Read;
  readonly state: State;
  readonly range: Range;
  /** The most rows that one query may read. */
  readonly rowsMax: number;
}

/**
 * Counts the rows of a range, or refuses to read them because they are too many.
 *
 * Rows are found by when they came, or by their own time where the two are far apart. Each of the
 * two is about the bound at most, so what is read is little more than twice the bound.
 */
export async function admitRows(
  scope: Pick<Scope, "timeZone">,
  options: AdmitOptions,
): Promise<Amount | Refused> {
  const { read, state, range, rowsMax } = options;
  const near = await readNear(read, [range]);
  if (!state.isFilled) {
    if (isTooMany(near, rowsMax)) return refuseWide(`about ${near}`, rowsMax, null);
    const amount = await readAmount(read, { counted: null, edges: [range] }, rowsMax);
    return amount.rows <= rowsMax
      ? withNear(amount, near)
      : refuseWide(`more than ${rowsMax}`, rowsMax, null);
  }
  const [bound] = await read<Bound>(compileBound(touched(range), rowsMax));
  const { rows = 0, passesFromMs = null } = bound ?? {};
  if (rows > rowsMax || isTooMany(near, rowsMax)) {
    // The last quarter of the rows that are touched lies after the range.
    const countedMs = passesFromMs === null ? null : passesFromMs + PASS_MARGIN_MS;
    const fromMs = rows > rowsMax ? countedMs : range.fromMs;
    const passes = fromMs === null ? null : await findPassing(fromMs, options);
    const times = passes && [passes.fromMs, passes.toMs];
    const printed = times?.map((ms) => printMoment(ms, scope.timeZone)) ?? null;
    return refuseWide(`about ${Math.max(rows, near)}`, rowsMax, printed);
  }
  const amount = await readAmount(read, splitRange(range, state.minutesFromMs), rowsMax);
  return withNear({ ...amount, read: amount.rows }, near);
}

/** A range touches whole quarters of an hour before its start. */
const PASS_MARGIN_MS = 2 * 15 * 60_000;
const MINUTE_MS = 60_000;

/** Counts the rows of a range whose whole buckets the counts have, or refuses to read its ends. */
export async function admitEnds(options: AdmitOptions): Promise<Amount | Refused> {
  const { read, state, range, rowsMax } = options;
  const split = splitRange(range, state.minutesFromMs);
  const near = await readNear(read, split.edges);
  if (isTooMany(near, rowsMax)) return refuseEnds(rowsMax);
  const amount = await readAmount(read, split, rowsMax);
  // Counted one by one up to the bound: above it neither the amount nor the answer is known.
  return amount.read <= rowsMax ? withNear(amount, near) : refuseEnds(rowsMax);
}

/** Halves what follows a start, which the counts let pass, until the estimate lets it pass, too. */
async function findPassing(
  startMs: number,
  { read, range: { toMs }, rowsMax }: AdmitOptions,
): Promise<Range | null> {
  let fromMs = startMs;
  while (toMs - fromMs >= MINUTE_MS) {
    if (!isTooMany(await readNear(read, [{ fromMs, toMs }]), rowsMax)) return { fromMs, toMs };
    fromMs = Math.ceil((fromMs + toMs) / 2 / MINUTE_MS) * MINUTE_MS;
  }
  return null;
}

/** Below it an estimate says little, and the rows cost little. // chosen */
const ESTIMATE_ROWS_MIN = 10_000;
/** An estimate is off by some percent: what was counted to be few enough must not fail by it. */
const ESTIMATE_SLACK = 1.25; // chosen

function isTooMany(estimate: number, rowsMax: number): boolean {
  return estimate > rowsMax * ESTIMATE_SLACK;
}

/** About how many rows came around some ranges, by the server's statistics; 0 when they are few. */
async function readNear(read: Read, ranges: readonly Range[]): Promise<number> {
  if (ranges.length === 0) return 0;
  const [found] = await read<NearPlan>(compileNear(ranges));
  const rows = found?.["QUERY PLAN"][0]?.Plan["Plan Rows"] ?? 0;
  return rows >= ESTIMATE_ROWS_MIN ? rows : 0;
}

/** The rows that came around a range are read, also those whose own time lies elsewhere. */
function withNear(amount: Amount, near: number): Amount {
  return { ...amount, read: Math.max(amount.read, near) };
}

async function readAmount(read: Read, split: Split, rowsMax: number): Promise<Amount> {
  const [amount] = await read<Amount>(compileAmount(split, rowsMax));
  return amount ?? { rows: 0, late: 0, read: 0 };
}

function refuseWide(rows: string, rowsMax: number, passes: readonly string[] | null): Refused {
  const hint =
    passes === null
      ? "Choose a shorter range, or one at a time when fewer rows came"
      : `This date_range passes: ${JSON.stringify(passes)}`;
  return refused(
    "query_too_wide",
    "/date_range",
    `It would read ${rows} rows, and ANALYTICS_ROWS_MAX is ${rowsMax}. ${hint}`,
  );
}

function refuseEnds(rowsMax: number): Refused {
  return refused(
    "query_too_wide",
    "/date_range",
    `Its ends would read more than ${rowsMax} rows, and ANALYTICS_ROWS_MAX is ${rowsMax}. Choose a date_range that begins and ends with a quarter of an hour`,
  );
}
