/**
 * Finds the caller of each delivery report. The client carries a number with each
 * record and gives it back with the report; here that number leads to the
 * batch and the record's place in it. Numbers instead of objects: the client
 * would need one handle per object.
 */
import type { PipelineError } from "../../error.ts";
import type { Delivery, OnDelivery } from "../producer.ts";

/** A fixed number of places for records that are handed over and have no report yet. */
export class DeliverySlots {
  readonly #callbacks: (OnDelivery | null)[];
  readonly #indexes: Int32Array;
  readonly #bytes: Float64Array;
  readonly #free: Int32Array;
  #freeCount: number;
  #bytesUsed = 0;
  #onEmpty: (() => void)[] = [];

  /** @param recordsMax Places; 1 or more. */
  constructor(recordsMax: number) {
    this.#callbacks = Array.from({ length: recordsMax }, () => null);
    this.#indexes = new Int32Array(recordsMax);
    this.#bytes = new Float64Array(recordsMax);
    this.#free = Int32Array.from({ length: recordsMax }, (_, slot) => slot);
    this.#freeCount = recordsMax;
  }

  get records(): number {
    return this.#callbacks.length - this.#freeCount;
  }

  get bytes(): number {
    return this.#bytesUsed;
  }

  /** Takes a place; -1 when there is none. */
  take(onDelivery: OnDelivery, index: number, bytes: number): number {
    if (this.#freeCount === 0) return -1;
    const slot = this.#free[--this.#freeCount] ?? -1;
    this.#callbacks[slot] = onDelivery;
    this.#indexes[slot] = index;
    this.#bytes[slot] = bytes;
    this.#bytesUsed += bytes;
    return slot;
  }

  /** The size of the record in this place. */
  bytesOf(slot: number): number {
    return this.#bytes[slot] ?? 0;
  }

  /** Answers for the record in this place and frees the place; a second time does nothing. */
  settle(slot: number, outcome: Delivery | PipelineError): void {
    const onDelivery = this.#callbacks[slot];
    if (onDelivery === null || onDelivery === undefined) return;
    const index = this.#indexes[slot] ?? 0;
    this.#callbacks[slot] = null;
    this.#bytesUsed -= this.#bytes[slot] ?? 0;
    this.#free[this.#freeCount++] = slot;
    onDelivery(index, outcome);
    if (this.records === 0) this.#announceEmpty();
  }

  /** Answers for all records, when no report can arrive any more. */
  settleAll(outcome: PipelineError): void {
    for (let slot = 0; slot < this.#callbacks.length; slot++) this.settle(slot, outcome);
  }

  /** Resolves when no record is left; at once when there is none. */
  whenEmpty(): Promise<void> {
    if (this.records === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  #announceEmpty(): void {
    const waiting = this.#onEmpty;
    this.#onEmpty = [];
    for (const resolve of waiting) resolve();
  }
}
