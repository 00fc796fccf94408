/**
 * The time that a request has, from its first byte to its answer. One timer
 * serves all steps: the step that is waiting sets what happens when time is up.
 */
export class Deadline {
  #passed = false;
  #action: (() => void) | null = null;
  readonly #timer: ReturnType<typeof setTimeout>;

  constructor(ms: number) {
    this.#timer = setTimeout(() => {
      this.#passed = true;
      this.#action?.();
    }, ms);
  }

  /** Whether time is up. */
  get passed(): boolean {
    return this.#passed;
  }

  /** Runs the action when time is up, at once when it already is; replaces the previous action. */
  onPassed(action: () => void): void {
    this.#action = action;
    if (this.#passed) action();
  }

  /** Stops the timer: the request has its answer. */
  clear(): void {
    this.#action = null;
    clearTimeout(this.#timer);
  }
}
