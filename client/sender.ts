/**
 * Sends what is unsent: one request at a time, each event with the same id until ingest has
 * acknowledged it. After a failure it pauses; the events stay.
 */
import { judgeAnswer, parseJson, type Answer } from "./answer.ts";
import type { Trouble } from "./api.ts";
import { bodyOf, EVENTS_BYTES_MAX, firstThatFit } from "./request_body.ts";
import { createRetryPause, readRetryAfter } from "./retry_pause.ts";
import type { UnsentEvent, UnsentEvents } from "./unsent_events.ts";
import type { World } from "./world.ts";

/** Longer than ingest's own deadline of 10 s, so that its answer comes first. */
const ANSWER_MS_MAX = 15_000;
/** The lease is renewed this often while events wait: well below LEASE_MS. */
const RENEW_MS = 30_000;

/** What a sender is built from. */
export interface SenderOptions {
  readonly unsent: UnsentEvents;
  readonly url: string;
  readonly writeKey: string | undefined;
  readonly batchEventsMax: number;
  /** Called with the JSON of an event that ingest has rejected. */
  readonly drop: (json: string, code: string, status: number) => void;
  readonly tell: (trouble: Trouble) => void;
  /** Called when nothing is unsent any more. */
  readonly onEmpty: () => void;
}

export interface Sender {
  /** Sends batch after batch until nothing is unsent or one fails. Does nothing in a pause. */
  send(): Promise<void>;
  /** Sends after this time, or when the pause ends; an earlier timer stays. */
  arm(ms: number): void;
  /** The page goes away: sends also what waits for an answer, or for the end of a pause. */
  leave(): void;
  /** No timer sends any more, also after a request in flight has failed, until `arm` is called. */
  stop(): void;
}

/** An answer with the pause that it asks for. */
interface Received extends Answer {
  readonly retryAfterMs: number;
}

export function createSender(world: World, options: SenderOptions): Sender {
  const { unsent, batchEventsMax, drop, tell } = options;
  const { count } = unsent;
  const pause = createRetryPause(world.now, world.random);
  let sending: Promise<void> | null = null;
  /** Less than `batchEventsMax`, even below 1, while it looks for an event that can't be taken. */
  let batchMax = batchEventsMax;
  let cancelTimer: (() => void) | null = null;
  let isStopped = false;

  const arm = (ms: number): void => {
    isStopped = false;
    const dueMs = world.now() + ms;
    cancelTimer ??= world.after(Math.min(ms, RENEW_MS), () => {
      cancelTimer = null;
      unsent.renew();
      const leftMs = Math.max(dueMs - world.now(), pause.leftMs());
      if (leftMs) arm(leftMs);
      else void send();
    });
  };
  /** Reads the answer for a batch: forgets its events, or pauses. */
  const settle = (batch: readonly UnsentEvent[], received: Received): void => {
    const { status, retryAfterMs } = received;
    const verdict = judgeAnswer(received, batch);
    if (verdict.kind === "done") {
      pause.reset();
      batchMax = Math.min(batchMax * 2, batchEventsMax);
      for (const { index, code } of verdict.rejected) {
        drop(batch[index]?.json ?? "{}", code, status);
      }
      return unsent.remove(batch);
    }
    const { code, isSplit } = verdict;
    if (isSplit) {
      batchMax = batch.length / 2;
      if (batchMax < 1) unsent.moveToEnd(batch);
    }
    tell({ kind: "delayed", code, status, retryMs: pause.begin(retryAfterMs) });
  };
  const sendAll = async (): Promise<void> => {
    for (unsent.renew(); count() && !pause.leftMs(); unsent.renew()) {
      const batch = firstThatFit(unsent.all(), batchMax);
      for (const event of batch) event.isSending = true;
      const received = await post(world, batch, options);
      for (const event of batch) event.isSending = false;
      settle(batch, received);
    }
    if (!count()) return options.onEmpty();
    if (!isStopped) arm(pause.leftMs());
  };
  const send = (): Promise<void> =>
    // It ends after this assignment even when there is nothing to send.
    (sending ??= sendAll().finally(() => {
      sending = null;
    }));
  return {
    send,
    arm,
    leave() {
      void send();
      sendBeacons(world, options);
    },
    stop() {
      isStopped = true;
      cancelTimer?.();
      cancelTimer = null;
    },
  };
}

/** Hands to the browser what no request carries: that outlives the page, too. */
function sendBeacons(world: World, { unsent, url, writeKey }: SenderOptions): void {
  let left = unsent.all().filter(({ isSending }) => !isSending);
  while (left.length) {
    const batch = firstThatFit(left, left.length);
    // It may refuse: too large, or too much on its way. The store has the events.
    world.beacon(url, bodyOf(batch, writeKey));
    left = left.slice(batch.length);
  }
}

async function post(
  world: World,
  batch: readonly UnsentEvent[],
  { url, writeKey }: SenderOptions,
): Promise<Received> {
  try {
    const response = await world.fetch(url, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: bodyOf(batch, writeKey),
      // Browsers refuse a larger body of a request that outlives its page.
      keepalive: batch.every(({ bytes }) => bytes <= EVENTS_BYTES_MAX),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const { status, headers } = response;
    const retryAfterMs = readRetryAfter(headers.get("retry-after"), world.wallNow());
    return { status, retryAfterMs, body: parseJson(await response.text()) };
  } catch {
    // Offline, away, too slow, or an origin that is not allowed: browsers do not say which.
    return { status: 0, retryAfterMs: 0, body: { code: "no_answer" } };
  }
}
