/**
 * The bodies that are being read. A body must arrive at a least rate, and their number
 * and bytes are bounded; when a bound is reached, the body that is stalled the longest
 * gives way to the new one, so that slow senders cannot keep others out.
 */
import { networkOf, type Config, type MonotonicClock } from "@tally/shared";

/** What bounds the bodies being read. */
export interface BodyReadLimits {
  readonly readsMax: number;
  /** Bytes that have arrived and are kept until their body is whole. */
  readonly bytesMax: number;
  /** The same two for the bodies of one address, or of one /64 of IPv6. */
  readonly peerReadsMax: number;
  readonly peerBytesMax: number;
  readonly bytesPerSecondMin: number;
}

/** One address may hold a share of what all bodies may, and at least one whole body. */
export function readLimits(ingest: Config<"ingest">["ingest"]): BodyReadLimits {
  const { requestsMax, requestBytesMax, bodyBytesMax, peerPercentMax } = ingest;
  const share = peerPercentMax / 100;
  return {
    readsMax: requestsMax,
    bytesMax: requestBytesMax,
    peerReadsMax: Math.max(1, Math.floor(requestsMax * share)),
    peerBytesMax: Math.max(bodyBytesMax, Math.floor(requestBytesMax * share)),
    bytesPerSecondMin: ingest.bodyBytesPerSecondMin,
  };
}

/** Why a body is not read to its end. */
export type StopCode = "body_too_slow" | "overloaded";

/** One body to be read. */
export interface Reading {
  /** The address that it comes from; asked for only when much is being read. */
  readonly peer: () => string;
  /** Bytes that are too few to be reserved, or 0 when the body is read in pieces. */
  readonly bytesExpected: number;
  /** Runs when it must stop; not after `end()`. */
  readonly onStopped: (code: StopCode) => void;
}

/** A body being read. */
export interface BodyRead {
  /** Reserves bytes that have arrived; false when there is no room for them. */
  keep(bytes: number): boolean;
  /** The body is whole, refused or gone: releases what it has reserved. */
  end(): void;
}

/** A body may be silent for this long, whatever it has sent before. // chosen */
const PATIENCE_MS = 3000;
/**
 * One that is stalled for this long may give way to the bytes of another: bodies that come fast
 * would otherwise end each other. A new body ends one that is stalled for any time: attackers open
 * connections faster than this, and an honest body is usually there at once. // chosen
 */
const STALLED_MS = 20;
/** How late a slow body may be noticed. */
const SWEEP_INTERVAL_MS = 250; // chosen

/** The bodies that are being read, by how long the service still waits for each. */
export class BodyReads {
  readonly #limits: BodyReadLimits;
  readonly #now: MonotonicClock;
  readonly #reads = new Set<Read>();
  #bytes = 0;
  #isSweepDue = false;

  constructor(limits: BodyReadLimits, now: MonotonicClock) {
    this.#limits = limits;
    this.#now = now;
  }

  /** The bodies being read now. */
  get count(): number {
    return this.#reads.size;
  }

  /** Begins to read a body, or gives null when there is no room for one more. */
  begin(reading: Reading): BodyRead | null {
    const extraMs = this.#msOf(reading.bytesExpected);
    const patienceEndMs = this.#now() + PATIENCE_MS;
    const read: Read = { reading, bytes: 0, patienceEndMs, extraMs, peer: null };
    if (!this.#makeRoom(read, 0)) return null;
    this.#reads.add(read);
    this.#sweepLater();
    return {
      keep: (bytes) => this.#keep(read, bytes),
      end: () => this.#remove(read),
    };
  }

  /** Stops every body that has come too slowly. */
  sweep(): void {
    const nowMs = this.#now();
    for (const read of this.#reads) {
      if (read.patienceEndMs + read.extraMs <= nowMs) this.#stop(read, "body_too_slow");
    }
  }

  #keep(read: Read, bytes: number): boolean {
    if (!this.#reads.has(read) || !this.#makeRoom(read, bytes)) return false;
    read.bytes += bytes;
    this.#bytes += bytes;
    const mostMs = this.#now() + PATIENCE_MS;
    read.patienceEndMs = Math.min(mostMs, read.patienceEndMs + this.#msOf(bytes));
    return true;
  }

  /**
   * Waits longer after a sweep that came late: this process stood still, and what its senders have
   * sent meanwhile is not read yet.
   */
  #extendPatience(lateMs: number): void {
    if (lateMs < SWEEP_INTERVAL_MS) return;
    const mostMs = this.#now() + PATIENCE_MS;
    for (const read of this.#reads) {
      read.patienceEndMs = Math.min(mostMs, read.patienceEndMs + lateMs);
    }
  }

  /** How long bytes may take at the least rate. */
  #msOf(bytes: number): number {
    return (bytes / this.#limits.bytesPerSecondMin) * 1000;
  }

  /** Whether a body fits with further bytes; stops stalled ones that are in its way. */
  #makeRoom(read: Read, bytes: number): boolean {
    const { readsMax, bytesMax, peerReadsMax, peerBytesMax } = this.#limits;
    const reads = this.#reads.size + (this.#reads.has(read) ? 0 : 1);
    // Below the bound of one address: nobody is above any bound.
    if (reads <= peerReadsMax && this.#bytes + bytes <= peerBytesMax) return true;
    const others = [...this.#reads].filter((other) => other !== read);
    const peer = peerOf(read);
    const ofPeer = others.filter((other) => peerOf(other) === peer);
    const wanted = read.bytes + bytes;
    if (wanted > peerBytesMax) return false;
    const inPeer = { reads: peerReadsMax - 1, bytes: peerBytesMax - wanted };
    const inAll = { reads: readsMax - 1, bytes: bytesMax - wanted };
    const stalledMs = bytes === 0 ? 0 : STALLED_MS;
    return this.#shrink(ofPeer, inPeer, stalledMs) && this.#shrink(others, inAll, stalledMs);
  }

  /** Stops stalled bodies, the longest stalled first, until the rest is within a bound. */
  #shrink(reads: readonly Read[], bound: Bound, stalledMs: number): boolean {
    const lastEndMs = this.#now() + PATIENCE_MS - stalledMs;
    const left = new Set(reads.filter((read) => this.#reads.has(read)));
    let bytes = 0;
    for (const read of left) bytes += read.bytes;
    while (left.size > bound.reads || bytes > bound.bytes) {
      const worst = longestStalled(left);
      if (worst === null || worst.patienceEndMs > lastEndMs) return false;
      left.delete(worst);
      bytes -= worst.bytes;
      this.#stop(worst, "overloaded");
    }
    return true;
  }

  #stop(read: Read, code: StopCode): void {
    this.#remove(read);
    read.reading.onStopped(code);
  }

  #remove(read: Read): void {
    if (!this.#reads.delete(read)) return;
    this.#bytes -= read.bytes;
  }

  /** One timer for all bodies: most are whole long before it fires. */
  #sweepLater(): void {
    if (this.#isSweepDue) return;
    this.#isSweepDue = true;
    const dueMs = this.#now() + SWEEP_INTERVAL_MS;
    const timer = setTimeout(() => {
      this.#isSweepDue = false;
      this.#extendPatience(this.#now() - dueMs);
      this.sweep();
      if (this.#reads.size > 0) this.#sweepLater();
    }, SWEEP_INTERVAL_MS);
    timer.unref();
  }
}

interface Bound {
  readonly reads: number;
  readonly bytes: number;
}

interface Read {
  readonly reading: Reading;
  bytes: number;
  /** Until when the service waits; bytes that arrive move it, at most by PATIENCE_MS from now. */
  patienceEndMs: number;
  /** What a body that is read in one piece gets in addition, because its bytes can't be seen. */
  readonly extraMs: number;
  /** The address, or its network; null until it is asked for. */
  peer: string | null;
}

function peerOf(read: Read): string {
  return (read.peer ??= networkOf(read.reading.peer()));
}

function longestStalled(reads: ReadonlySet<Read>): Read | null {
  let worst: Read | null = null;
  for (const read of reads) {
    if (worst === null || read.patienceEndMs < worst.patienceEndMs) worst = read;
  }
  return worst;
}
