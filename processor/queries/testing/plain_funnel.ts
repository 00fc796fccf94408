/** Funnels by trying every start, in TypeScript alone. Test support only. */
import { PARTITIONS } from "./asking.ts";
import { fits, valueOf, type SentEvent } from "./plain_count.ts";

/** The part of a funnel's body that this understands; the range is two times. */
export interface PlainFunnel {
  readonly steps: readonly unknown[];
  readonly window: string;
  readonly by: string;
  readonly date_range: readonly [string, string];
  readonly filters: readonly unknown[];
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** How many came to each step, and the median seconds from the step before. */
export function plainFunnel(
  funnel: PlainFunnel,
  events: readonly SentEvent[],
): { count: number; median_seconds: number | null }[] {
  const [from, to] = funnel.date_range;
  const windowMs = Number(funnel.window.slice(0, -1)) * (UNIT_MS[funnel.window.slice(-1)] ?? 0);
  // Before the sort, which keeps the order of equal times: by partition, then offset.
  const used = Map.groupBy(events.keys(), (index) => index % PARTITIONS);
  const inLog = [...used.keys()].toSorted().flatMap((partition) => used.get(partition) ?? []);
  const fitting = inLog
    .flatMap((index) => events[index] ?? [])
    .filter(({ ts }) => ts >= from && ts < to)
    .filter((event) => funnel.filters.every((filter) => fits(event, filter)))
    .toSorted((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0));
  const byActor = Map.groupBy(fitting, (event) =>
    funnel.by === "session" ? event.sessionId : valueOf(event, funnel.by, "UTC"),
  );
  byActor.delete(null);
  const best = [...byActor.values()].map((own) => bestChain(own, funnel.steps, windowMs));
  return funnel.steps.map((_, step) => {
    const came = best.filter((chain) => chain.length > step);
    const times = came.map((chain) => (chain[step] ?? 0) - (chain[step - 1] ?? 0));
    return { count: came.length, median_seconds: step === 0 ? null : median(times) };
  });
}

/** The times of the longest chain; of equal ones, the first that ends, and then the last begun. */
function bestChain(events: readonly SentEvent[], steps: readonly unknown[], windowMs: number) {
  let best: { times: number[]; end: number } = { times: [], end: Infinity };
  for (const [start, event] of events.entries()) {
    if (!fits(event, steps[0])) continue;
    const chain = chainFrom(start, events, { steps, windowMs });
    const isLonger = chain.times.length > best.times.length;
    if (isLonger || (chain.times.length === best.times.length && chain.end <= best.end))
      best = chain;
  }
  return best.times;
}

function chainFrom(
  start: number,
  events: readonly SentEvent[],
  { steps, windowMs }: { readonly steps: readonly unknown[]; readonly windowMs: number },
) {
  const msOf = (index: number): number => Date.parse(events[index]?.ts ?? "");
  const times = [msOf(start)];
  let end = start;
  for (const step of steps.slice(1)) {
    const next = events.findIndex((event, index) => index > end && fits(event, step));
    if (next === -1 || msOf(next) - msOf(start) > windowMs) break;
    times.push(msOf(next));
    end = next;
  }
  return { times, end };
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(place)] ?? 0) + (sorted[Math.ceil(place)] ?? 0)) / 2000;
}
