/**
 * The time from an event's 202 to the first frame whose totals include it, as a page
 * sees it: single events in addition to the load, and one reader of the stream.
 */
import { withinTime, type MetricsFrame } from "@tally/shared";

import { framesOf } from "../../driver/frames.ts";
import { ANSWER_MS_MAX, HttpConnection } from "../../driver/http_connection.ts";
import { Ledger } from "../../driver/ledger.ts";
import { eventJson, runIds } from "../../load/event.ts";
import type { System } from "../../system/system.ts";
import type { Bench } from "../figure.ts";
import type { Sent } from "./counted.ts";

/** A running measurement. */
export interface FrameProbe {
  /**
   * Ends the probe and waits for the frames of its events.
   *
   * @returns The delays, ms.
   * @throws {Error} The failure that ended the probe early.
   */
  stop(): Promise<number[]>;
  sent(): Sent;
}

/** Does not divide the second between two frames, so that events arrive at all moments of it. */
const PAUSE_MS = 37;
/** How long a stop waits for the frames of the last events, ms. */
const LAST_MS_MAX = 5_000;

interface Waiting {
  readonly partition: number;
  readonly offset: bigint;
  readonly answeredMs: number;
}

/** Starts to send single events, and to read frames. */
export function startFrameProbe(bench: Bench, system: System): FrameProbe {
  const [processor] = system.processors;
  const ids = runIds(bench.newName());
  const ledger = new Ledger();
  const startedAtMs = bench.nowMs();
  const closing = new AbortController();
  const ending = new AbortController();
  const delaysMs: number[] = [];
  let waiting: Waiting[] = [];

  async function read(): Promise<void> {
    for await (const frame of framesOf(processor.url, closing.signal)) {
      const nowMs = performance.now();
      const seen = waiting.filter((event) => holds(frame, event));
      delaysMs.push(...seen.map(({ answeredMs }) => nowMs - answeredMs));
      waiting = waiting.filter((event) => !seen.includes(event));
      if (ending.signal.aborted && waiting.length === 0) closing.abort();
    }
  }

  async function send(): Promise<void> {
    const url = `${system.ingests[0].url}/events`;
    const connection = new HttpConnection({ url, headers: {}, answerMsMax: ANSWER_MS_MAX });
    try {
      for (let number = 0; !ending.signal.aborted; number += 1) {
        const { status, body } = await connection.post(eventJson(ids, number));
        const answeredMs = performance.now();
        ledger.note(status === 202 ? "accepted" : "unknown", { first: number, count: 1 });
        if (status === 202) {
          const place = JSON.parse(body) as { partition: number; offset: string };
          waiting.push({ partition: place.partition, offset: BigInt(place.offset), answeredMs });
        }
        await Bun.sleep(PAUSE_MS);
      }
    } finally {
      connection.close();
    }
  }

  const reading = read();
  const sending = send();
  // The caller of `stop()` gets the failure; until then it must not end the process.
  for (const each of [reading, sending]) each.catch(() => undefined);
  return {
    async stop() {
      ending.abort();
      try {
        await sending;
        await withinTime(reading, LAST_MS_MAX);
        closing.abort();
        await reading;
        return delaysMs;
      } finally {
        closing.abort();
      }
    },
    sent: () => ({ ids, ledger, startedAtMs }),
  };
}

/** Whether the totals of a frame include an event: the position of its partition is beyond it. */
function holds({ partitions }: MetricsFrame, { partition, offset }: Waiting): boolean {
  const found = partitions.find((each) => each.partition === partition);
  return found !== undefined && found.stored !== null && BigInt(found.stored) > offset;
}
