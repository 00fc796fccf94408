/**
 * Sends small batches until it is stopped. A batch that gets anything but a 202 is sent again as it
 * is, so that in the end every event is accepted, however often a container dies.
 */
import { sleep } from "@tally/shared";

export interface Sender {
  /**
   * Ends when the batch that is on its way has been accepted.
   *
   * @returns The number of accepted events.
   * @throws {Error} When a batch was not accepted in `ATTEMPTS_MAX` attempts.
   */
  stop(): Promise<number>;
}

const BATCH_EVENTS = 20;
const PAUSE_MS = 50;
/** Longer than ingest's own deadline of 10 s, so that its answer counts. */
const ANSWER_MS_MAX = 12_000;
/** A batch that nobody accepts for this many attempts fails the check: about two minutes. */
const ATTEMPTS_MAX = 240;
const RETRY_MS = 500;

/** @param runId Makes the events of this run distinct. */
export function startSender(url: string, runId: string): Sender {
  const stopping = new AbortController();
  const send = async (): Promise<number> => {
    let events = 0;
    while (!stopping.signal.aborted) {
      const body = JSON.stringify(
        Array.from({ length: BATCH_EVENTS }, (_, index) => ({
          eventId: `${runId}-${events + index}`,
          sessionId: `session-${(events + index) % 50}`,
          eventType: "check",
          payload: { number: events + index },
        })),
      );
      await sendUntilAccepted(url, body);
      events += BATCH_EVENTS;
      await sleep(PAUSE_MS, stopping.signal);
    }
    return events;
  };
  const sent = send();
  // A failure is thrown by `stop()`; until then nobody waits for it.
  sent.catch(() => {});
  return {
    stop() {
      stopping.abort();
      return sent;
    },
  };
}

async function sendUntilAccepted(url: string, body: string): Promise<void> {
  let last = "no attempt";
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", prefer: "return=minimal" },
        body,
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      last = `${response.status} ${await response.text()}`;
      if (response.status === 202) return;
    } catch (error) {
      last = String(error);
    }
    await sleep(RETRY_MS);
  }
  throw new Error(`Cannot send a batch: ${ATTEMPTS_MAX} attempts, the last answer was ${last}`);
}
