/**
 * How many bytes may wait for the acknowledgement of one partition: as many as its
 * link was measured to deliver in a part of a request's deadline. More would not arrive
 * in time and would delay the others.
 */

/** Bounds of a window. */
export interface WindowLimits {
  /** Bytes at the start: little, so that a slow link is not filled before it is known. */
  readonly bytesStart: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
  /** How long the bytes of a full window may take. */
  readonly deliveryMs: number;
}

/** How the delivery of some bytes ended. */
export interface Delivered {
  readonly bytes: number;
  /** What `take()` returned for them. */
  readonly ahead: number;
  readonly tookMs: number;
  readonly isStored: boolean;
}

export class PartitionWindow {
  readonly #limits: WindowLimits;
  #bytes: number;
  #inFlight = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
    this.#bytes = limits.bytesStart;
  }

  get bytesMax(): number {
    return this.#bytes;
  }

  get bytesInFlight(): number {
    return this.#inFlight;
  }

  /** Whether this many bytes may go. A body larger than the window goes when nothing else waits. */
  hasRoom(bytes: number): boolean {
    return this.#inFlight === 0 || this.#inFlight + bytes <= this.#bytes;
  }

  /** Counts bytes that go. @returns These bytes and all that must arrive before them. */
  take(bytes: number): number {
    this.#inFlight += bytes;
    return this.#inFlight;
  }

  /** Counts bytes that have arrived, or have failed, and learns from the time that it took. */
  release({ bytes, ahead, tookMs, isStored }: Delivered): void {
    this.#inFlight -= bytes;
    const { bytesMin, bytesMax, deliveryMs } = this.#limits;
    // What the link delivers in `deliveryMs`, as this delivery shows. A failed one proves less.
    const measured = (ahead * deliveryMs) / Math.max(1, tookMs) / (isStored ? 1 : 2);
    if (!isStored || tookMs > deliveryMs) {
      this.#bytes = Math.max(bytesMin, Math.min(this.#bytes, measured));
      return;
    }
    // It grows only when it was needed, and never above what was measured: at most twofold
    // within the time of one delivery.
    const wasNeeded = ahead > this.#bytes / 2;
    if (!wasNeeded) return;
    const grown = Math.min(this.#bytes + bytes, measured, bytesMax);
    this.#bytes = Math.max(this.#bytes, grown);
  }
}
