/**
 * The keys and sessions that are valid, read from PostgreSQL at most a few times a second however
 * many requests come. While PostgreSQL is away, what was read last stays valid for a bounded time.
 */
import { withinTime, type MonotonicClock } from "@tally/shared";
import type { KeySet, Scope } from "@tally/shared/keys";

/** Who is signed in on one browser. */
export interface Session {
  /** The name of the key that signed in. */
  readonly name: string;
  readonly expiresAt: string;
  /** When it ends, in the time of this process. */
  readonly endsMs: number;
}

/** All of them at one moment. */
export interface Credentials {
  readonly keys: KeySet;
  /** What each key may be used for, by its name. */
  readonly scopes: ReadonlyMap<string, ReadonlySet<Scope>>;
  /** By the SHA-256 of what the browser holds, in hexadecimal. */
  readonly sessions: ReadonlyMap<string, Session>;
}

/** Reads them. @param nowMs When the read begins; the ends of sessions count from there. */
export type ReadCredentials = (nowMs: number) => Promise<Credentials>;

/**
 * How a revoked key is refused within 5 s: what was read counts for 1 s, a read takes up to 2.5 s,
 * and watch.ts looks once a second.
 */
const FRESH_MS = 1000; // chosen
export const READ_MS_MAX = 2500; // chosen
/** Shortest time between two reads, so that requests with guessed keys cost PostgreSQL no more. */
const READ_PAUSE_MS = 200; // chosen
/** After a read that failed, the next one begins this much later; no request waits for it. */
const FAILED_PAUSE_MS = 1000; // chosen
/** How long the last ones stay valid while PostgreSQL does not answer. */
export const STALE_MS_MAX = 600_000; // chosen

interface Read {
  readonly startedMs: number;
  readonly done: Promise<void>;
}

/** What the cache is made of. */
export interface CacheOptions {
  readonly read: ReadCredentials;
  readonly now: MonotonicClock;
  /** Waits, ms. */
  readonly pause: (ms: number) => Promise<void>;
  /** Called for the first of several reads that fail. */
  readonly onError: (error: unknown) => void;
}

/** What was read last, and when to read again. */
export class CredentialCache {
  readonly #options: CacheOptions;
  #last: (Credentials & { readonly readMs: number }) | null = null;
  #reading: Read | null = null;
  #startedMs = -Infinity;
  #failedMs = -Infinity;
  #hasFailed = false;

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  /** The time, by which sessions end. */
  get nowMs(): number {
    return this.#options.now();
  }

  /** Whether the last ones are from a moment ago, so that what is not in them does not exist. */
  get isFresh(): boolean {
    return this.#ageMs <= FRESH_MS;
  }

  /** What is valid now, or null when it was never read or too long ago. */
  async current(): Promise<Credentials | null> {
    if (!this.isFresh) await this.#wait(this.#begin());
    return this.#usable();
  }

  /** What is valid now, read after this call: another processor may have made a key just now. */
  async renewed(): Promise<Credentials | null> {
    const askedMs = this.nowMs;
    if (this.#reading !== null) await this.#wait(this.#reading);
    if (this.#startedMs < askedMs) {
      const pauseMs = this.#startedMs + READ_PAUSE_MS - this.nowMs;
      if (pauseMs > 0) await this.#options.pause(pauseMs);
      // Others may have waited here, too: the first of them begins the read for all.
      if (this.#startedMs < askedMs) await this.#wait(this.#begin());
      else if (this.#reading !== null) await this.#wait(this.#reading);
    }
    return this.#usable();
  }

  get #ageMs(): number {
    return this.#last === null ? Infinity : this.nowMs - this.#last.readMs;
  }

  #usable(): Credentials | null {
    return this.#ageMs <= STALE_MS_MAX ? this.#last : null;
  }

  /** The read that is under way, or a new one; null while a failed one is too recent. */
  #begin(): Read | null {
    if (this.#reading !== null) return this.#reading;
    const startedMs = this.nowMs;
    if (startedMs - this.#failedMs < FAILED_PAUSE_MS) return null;
    this.#startedMs = startedMs;
    const done = this.#options.read(startedMs).then(
      (credentials) => {
        this.#last = { ...credentials, readMs: startedMs };
        this.#hasFailed = false;
        this.#reading = null;
      },
      (error) => {
        this.#failedMs = this.nowMs;
        this.#reading = null;
        if (!this.#hasFailed) this.#options.onError(error);
        this.#hasFailed = true;
      },
    );
    this.#reading = { startedMs, done };
    return this.#reading;
  }

  /** A server that hangs keeps the first requests waiting, and none after READ_MS_MAX. */
  async #wait(read: Read | null): Promise<void> {
    if (read === null) return;
    const leftMs = read.startedMs + READ_MS_MAX - this.nowMs;
    if (leftMs > 0) await withinTime(read.done, leftMs);
  }
}
