/**
 * The live stream: subscribers of `GET /metrics/stream`. Each frame is serialised
 * once for all of them and sent to them in slices (rounds.ts). A subscriber that doesn't
 * read is disconnected. So viewers can't harm the pipelines (P13).
 *
 * `@elysiajs/stream` 1.1.0 makes the stream and takes the frames. It lacks these, which
 * are added here: a Response with the right headers (its own is text/plain); frames
 * written as bytes, which it passes on unchanged (its own have random ids and are
 * serialised again for every subscriber); heartbeats; `request.signal` to notice a
 * viewer that leaves (its cancel never runs); and its private controller, to measure
 * what is unread and to discard it.
 */
import { Stream } from "@elysiajs/stream";
import { Rounds, type RoundClock } from "./rounds.ts";

/** Reasons for which the server ends a stream. */
export type DisconnectReason = "slow" | "shutdown" | "signed_out";

export interface HubOptions {
  readonly subscribersMax: number;
  /** Unread bytes after which a subscriber is disconnected. */
  readonly subscriberBytesMax: number;
  /** How long a viewer waits before it connects again, ms; sent to it. */
  readonly retryMs: number;
  /** Time between two frames, ms. */
  readonly intervalMs: number;
  readonly clock: RoundClock;
  /** Called after every change of the number of subscribers. */
  readonly onSubscribers?: (subscribers: number) => void;
  readonly onDisconnected?: (reason: DisconnectReason) => void;
}

/** An event of the stream; the data is one line of JSON. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** One viewer's connection, as the hub needs it. */
export interface Connection {
  /** Aborted when the viewer leaves. */
  readonly signal: AbortSignal;
  /** Aborted when the viewer may no longer see the stream; null when it always may. */
  readonly ended: AbortSignal | null;
  /** Closes a connection whose viewer doesn't read. */
  readonly cut: () => void;
}

/** The subscribers of one processor. */
export interface Hub {
  readonly subscribers: number;
  /**
   * The stream of a new subscriber, which begins with the last frame. Null when there are too many.
   */
  subscribe(connection: Connection): Response | null;
  /**
   * Sends an event to all subscribers, to the first of them at once. The data is one line of JSON.
   * A subscriber that has not been sent the event before skips it: only the newest counts.
   * The second event goes out in the same bytes. It has no id, so that the ids of the first one
   * have no gaps.
   */
  announce(event: string, data: string, second?: StreamEvent | null): void;
  /**
   * Sends a comment, so that no proxy takes an idle connection for dead; to a subscriber that has
   * not been sent the newest event, that event.
   */
  heartbeat(): void;
  /** Ends all streams and accepts no more. */
  close(): void;
}

/** A hub without subscribers. */
export function createHub(options: HubOptions): Hub {
  return new SubscriberHub(options);
}

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  // Otherwise nginx holds frames back.
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
} as const;
const ENCODER = new TextEncoder();
const HEARTBEAT = ENCODER.encode(": heartbeat\n\n");
/** The last of many subscribers gets a frame this share of the interval after the first; chosen. */
const SPREAD_SHARE = 0.5;
/** Also when the interval is long, ms; chosen. */
const SPREAD_MS_MAX = 500;

/** One open SSE connection. */
interface Subscriber {
  readonly stream: Stream<Uint8Array>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly cut: () => void;
  /** Sizes of the chunks that may be unread, oldest first. */
  readonly sizes: number[];
  /** The number of the newest event that it was sent. */
  sentId: number;
}

class SubscriberHub implements Hub {
  readonly #options: HubOptions;
  readonly #subscribers: Rounds<Subscriber>;
  readonly #hello: Uint8Array;
  #lastFrame: Uint8Array | null = null;
  #lastId = 0;
  #isClosed = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#hello = ENCODER.encode(`retry: ${options.retryMs}\n\n`);
    this.#subscribers = new Rounds({
      clock: options.clock,
      spreadMs: Math.min(options.intervalMs * SPREAD_SHARE, SPREAD_MS_MAX),
      serve: (subscriber) => this.#serve(subscriber),
    });
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  subscribe({ signal, ended, cut }: Connection): Response | null {
    if (this.#isClosed || this.#subscribers.size >= this.#options.subscribersMax) return null;
    const stream = new Stream<Uint8Array>(() => undefined);
    const controller = stream["controller"] as ReadableStreamDefaultController<Uint8Array>;
    const subscriber: Subscriber = {
      stream,
      controller,
      cut,
      sizes: [],
      sentId: this.#lastId,
    };
    this.#subscribers.add(subscriber);
    this.#send(subscriber, Buffer.concat([this.#hello, this.#lastFrame ?? new Uint8Array()]));
    const leave = (): void => void this.#remove(subscriber);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    ended?.addEventListener("abort", () => this.#end(subscriber, "signed_out"), { once: true });
    this.#options.onSubscribers?.(this.#subscribers.size);
    return new Response(stream.value, { headers: HEADERS });
  }

  announce(event: string, data: string, second: StreamEvent | null = null): void {
    this.#lastId += 1;
    const first = `id: ${this.#lastId}\n${messageOf({ event, data })}`;
    this.#lastFrame = ENCODER.encode(second === null ? first : first + messageOf(second));
    this.#subscribers.begin();
  }

  heartbeat(): void {
    this.#subscribers.begin();
  }

  close(): void {
    this.#isClosed = true;
    this.#subscribers.stop();
    for (const subscriber of this.#subscribers.members()) this.#end(subscriber, "shutdown");
  }

  #end(subscriber: Subscriber, reason: DisconnectReason): void {
    if (!this.#remove(subscriber)) return;
    subscriber.stream.close();
    this.#options.onDisconnected?.(reason);
  }

  #serve(subscriber: Subscriber): void {
    const isNew = subscriber.sentId < this.#lastId;
    subscriber.sentId = this.#lastId;
    this.#send(subscriber, (isNew ? this.#lastFrame : null) ?? HEARTBEAT);
  }

  #send(subscriber: Subscriber, chunk: Uint8Array): void {
    const { controller, stream, sizes } = subscriber;
    // The controller wants one chunk; the fewer it still wants, the more chunks are unread.
    const unread = Math.max(0, 1 - (controller.desiredSize ?? 1));
    sizes.splice(0, sizes.length - unread);
    const unreadBytes = sizes.reduce((sum, size) => sum + size, 0);
    if (unreadBytes > this.#options.subscriberBytesMax) {
      this.#disconnect(subscriber);
      return;
    }
    sizes.push(chunk.length);
    try {
      stream.send(chunk);
    } catch {
      // The server closed the stream because the viewer left; the signal aborts in a moment.
      this.#remove(subscriber);
    }
  }

  #disconnect(subscriber: Subscriber): void {
    this.#remove(subscriber);
    // Not close(): it would keep the unread bytes until they are read. And no Error: Bun would
    // print it.
    subscriber.controller.error(undefined);
    subscriber.cut();
    this.#options.onDisconnected?.("slow");
  }

  #remove(subscriber: Subscriber): boolean {
    const isRemoved = this.#subscribers.remove(subscriber);
    if (isRemoved) this.#options.onSubscribers?.(this.#subscribers.size);
    return isRemoved;
  }
}

function messageOf({ event, data }: StreamEvent): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
