/**
 * Sends the load of one figure as a process of its own: what it costs is not the
 * services'. Entry point; prints JSON.
 */
import { createMeasurements, drive } from "../../driver/drive.ts";
import { ANSWER_MS_MAX } from "../../driver/http_connection.ts";
import { Ledger } from "../../load/ledger.ts";
import { runIds } from "../../load/event.ts";
import { createSchedule, type Schedule } from "../../driver/schedule.ts";
import type { Stretch } from "./counted.ts";

/** The one argument, as JSON. */
export interface SenderOrder {
  /** Whole address of the route. */
  readonly url: string;
  readonly run: string;
  /** Number of the first event. */
  readonly first: number;
  /** 0: closed loop, as fast as answers come. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly batchEvents: number;
  readonly connections: number;
}

export interface SenderOutcome {
  readonly elapsedMs: number;
  readonly requests: number;
  /** Every event that was sent, in stretches of the same outcome. */
  readonly stretches: readonly Stretch[];
  readonly accepted: number;
  /** From the intended time (closed loop: from sending) to the answer, a request each. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

if (import.meta.main) await main(JSON.parse(Bun.argv[2] ?? "") as SenderOrder);

async function main(order: SenderOrder): Promise<void> {
  // The terminal's first Ctrl-C is for the bench, which lets the round come to its end.
  process.once("SIGINT", () => undefined);
  const { url, run, first, seconds, connections } = order;
  const measured = createMeasurements();
  const ledger = new Ledger();
  const load = {
    target: { url, headers: { Prefer: "return=minimal" }, answerMsMax: ANSWER_MS_MAX },
    ids: runIds(run),
    schedule: beginAt(createSchedule(order), first),
    seconds,
    connections,
    ledger,
    signal: new AbortController().signal,
  };
  await drive(load, measured);
  const ms = (percent: number) => measured.latencyUs.getValueAtPercentile(percent) / 1000;
  const outcome: SenderOutcome = {
    elapsedMs: measured.elapsedMs,
    requests: measured.latencyUs.totalCount,
    stretches: stretchesOf(ledger, first),
    accepted: ledger.count("accepted"),
    latencyMs: { p50: ms(50), p99: ms(99) },
  };
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}

/** The same schedule with other numbers: several loads of one run follow each other. */
function beginAt(schedule: Schedule, firstEvent: number): Schedule {
  return {
    ...schedule,
    events(request) {
      const { first, count } = schedule.events(request);
      return { first: firstEvent + first, count };
    },
  };
}

function stretchesOf(ledger: Ledger, first: number): Stretch[] {
  const stretches: Stretch[] = [];
  let from = first;
  for (let number = first; number < ledger.total; number += 1) {
    const outcome = ledger.outcomeOf(number);
    if (number + 1 < ledger.total && ledger.outcomeOf(number + 1) === outcome) continue;
    stretches.push([outcome, from, number + 1 - from]);
    from = number + 1;
  }
  return stretches;
}
