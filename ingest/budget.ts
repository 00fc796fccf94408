/** A bounded amount of something that requests share: reserved before use, given back after it. */
export class Budget {
  #used = 0;
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** What is reserved now. */
  get used(): number {
    return this.#used;
  }

  /** Whether so much could be reserved now. */
  hasRoom(amount: number): boolean {
    return this.#used + amount <= this.#max;
  }

  /** Takes so much when there is room; false: nothing was taken. */
  reserve(amount: number): boolean {
    if (!this.hasRoom(amount)) return false;
    this.#used += amount;
    return true;
  }

  /** Gives back what was reserved. */
  release(amount: number): void {
    this.#used -= amount;
  }
}
