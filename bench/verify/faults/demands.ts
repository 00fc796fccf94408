/** Demands that several faults make. */
import { eventually } from "@tally/shared";

import type { AwaitedFrame } from "../../driver/frames.ts";
import type { Trial } from "../fault.ts";
import type { Load } from "../sending/load.ts";

/** Longest time without new rows while the store is down, ms of the clock. */
const ROWS_STALL_MS_MAX = 2000;

/**
 * A fault downstream of Kafka must not reach the clients. When the machine stands still, what is in
 * flight may miss its deadline: at most one request of each connection.
 */
export function demandSteadyIngest({ demand, clock: { stalls } }: Trial, load: Load): void {
  const { counts, order } = load;
  const missed = counts.unavailable + counts.broken;
  const excuse = stalls === 0 ? "" : ` (${missed} did not get it; the machine stood still)`;
  demand(`ingest continued to answer 202${excuse}`, missed <= stalls * order.connections);
}

/** A client that is refused must know when to send again. */
export function demandRetryAfter({ demand }: Trial, { counts }: Load): void {
  demand("each 503 has a Retry-After", counts.unavailableWithoutRetryAfter === 0);
}

/** A fault of the store must not delay rows. */
export function demandSteadyRows({ demand }: Trial, stallMs: number): void {
  const text = `rows were unaffected (longest stall ${Math.round(stallMs)} ms)`;
  demand(text, stallMs < ROWS_STALL_MS_MAX);
}

/** Kafka answers all the time: whatever the log holds arrives, however slow a sink is. */
export function demandNoStalls({ demand, watch }: Trial): void {
  const stalls = watch.total("processor_stalls_total");
  demand(`no partition is called stalled (${stalls} times)`, stalls === 0);
}

/** Frames come every second, counts follow the write by a moment; a loaded machine answers late. */
const FIGURE_MS_MAX = 10_000;
const FIGURE_POLL_MS = 100;

/** Reads a figure until it is as wanted, or the time is over. @returns The last figure. */
export async function untilFigure(wanted: number, read: () => Promise<number>): Promise<number> {
  let last = Number.NaN;
  const isWanted = async () => (last = await read()) === wanted;
  await eventually(isWanted, FIGURE_MS_MAX, { pollMs: FIGURE_POLL_MS });
  return last;
}

/** What is demanded of a frame, with the reason why there is none. */
export function withReason(what: string, { reason }: AwaitedFrame): string {
  return reason === null ? what : `${what} (${reason})`;
}
