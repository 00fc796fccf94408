/** A bounded amount of something that requests share: reserved before use, released after it. */
export class Budget {
  #used = 0;
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** The amount that is reserved now. */
  get used(): number {
    return this.#used;
  }

  /** Whether the amount could be reserved now. */
  hasRoom(amount: number): boolean {
    return this.#used + amount <= this.#max;
  }

  /** Reserves the amount if there is room; otherwise reserves nothing and returns false. */
  reserve(amount: number): boolean {
    if (!this.hasRoom(amount)) return false;
    this.#used += amount;
    return true;
  }

  /** Releases an amount that was reserved. */
  release(amount: number): void {
    this.#used -= amount;
  }
}
