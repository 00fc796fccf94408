/**
 * Sends the load of one figure as a separate process, so that its cost does not count
 * as the cost of the services. Entry point.
 */
import { runAsProgram, type ProgramContext } from "../../driver/child.ts";
import { percentileMs } from "../../driver/latency.ts";
import type { Stretch } from "../../driver/ledger.ts";
import type { ScheduleOptions } from "../../driver/schedule.ts";
import { runIds, type PayloadForm } from "../../load/event.ts";
import { createSendState, send } from "../../load/send.ts";

/** What the parent asks for. */
export interface SenderOrder extends Required<ScheduleOptions> {
  /** Address of ingest, without a path. */
  readonly url: string;
  readonly run: string;
  readonly connections: number;
  /** "object" when absent. */
  readonly payloadForm?: PayloadForm;
  /** A write key; none is sent when absent. */
  readonly key?: string | null;
  /** Pause after a request that was not taken, ms. */
  readonly pauseMs?: number;
}

/** The only report of this program. */
export interface SenderOutcome {
  readonly elapsedMs: number;
  readonly requests: number;
  /** Every event that was sent, in stretches of the same outcome. */
  readonly stretches: readonly Stretch[];
  readonly accepted: number;
  /** Time from the due time (closed loop: from sending) to the answer. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** The same of accepted requests alone; 0 when there is none. */
  readonly acceptedP99Ms: number;
  /** The same from sending: a sender that is late itself counts not. */
  readonly acceptedAnswerP99Ms: number;
  /** Requests that got a 503, and the time from sending to that answer. */
  readonly refused: { readonly requests: number; readonly p99Ms: number };
}

if (import.meta.main) await runAsProgram(main);

async function main(
  { run, ...order }: SenderOrder,
  { report, stopSignal }: ProgramContext<SenderOutcome>,
): Promise<void> {
  const state = createSendState();
  await send({ ...order, ids: runIds(run), signal: stopSignal() }, state);
  const { ledger, measured } = state;
  const { latencyUs, acceptedUs, acceptedAnswerUs, refusedUs } = measured;
  report({
    elapsedMs: measured.elapsedMs,
    requests: latencyUs.totalCount,
    stretches: ledger.stretches(order.first),
    accepted: ledger.count("accepted"),
    latencyMs: { p50: percentileMs(latencyUs, 50), p99: percentileMs(latencyUs, 99) },
    acceptedP99Ms: percentileMs(acceptedUs, 99),
    acceptedAnswerP99Ms: percentileMs(acceptedAnswerUs, 99),
    refused: { requests: refusedUs.totalCount, p99Ms: percentileMs(refusedUs, 99) },
  });
}
