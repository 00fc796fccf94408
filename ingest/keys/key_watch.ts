/**
 * The keys as one process knows them: looks at their version again and again, and reads all when it
 * has moved. While they can't be read, those that are known stay valid up to a bound.
 */
import {
  errorCode,
  PipelineError,
  sleep,
  type MonotonicClock,
  type MonotonicMs,
} from "@tally/shared";
import { KeySet } from "@tally/shared/keys";

/** How the keys are read. Each read has a bound on its time. */
export interface KeyReads {
  readVersion(): Promise<string>;
  /** The JSON text of a KeySet. */
  readAll(): Promise<string>;
}

export interface KeyWatchOptions {
  readonly reads: KeyReads;
  readonly now: MonotonicClock;
  /** How long keys stay valid after they were last confirmed. */
  readonly staleMsMax: number;
  /** Called with the keys after each look that has read or confirmed them. */
  readonly onConfirmed?: (set: KeySet) => Promise<void>;
  /** Called when looks begin to fail, or fail for another reason, and with null when they work. */
  readonly onState: (failure: unknown) => void;
  /** Called when a look leaves no valid keys, so everybody is refused, and when one ends that. */
  readonly onRefusing: (isRefusing: boolean) => void;
}

/** With a read of at most 2.5 s a change is known within 5 s. // chosen */
const PAUSE_MS = 2000;

/** Knows the keys. */
export class KeyWatch {
  readonly #options: KeyWatchOptions;
  #set: KeySet | null = null;
  #confirmedMs: MonotonicMs = -Infinity;
  #isStale = false;
  #isRefusing = false;
  /** After a failure the database may be another one: its version alone says nothing. */
  #mustRead = true;
  #failure: unknown = null;

  constructor(options: KeyWatchOptions) {
    this.#options = options;
  }

  /** The keys that are valid now; null while none are known, or what is known is too old. */
  get current(): KeySet | null {
    return this.#isStale ? null : this.#set;
  }

  /** Why the last look has failed; null when it has not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether keys are known that are too old. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Begins with keys that were confirmed that long ago. */
  seed(set: KeySet, ageMs: number): void {
    this.#set = set;
    this.#confirmedMs = this.#options.now() - ageMs;
    this.#judgeAge();
  }

  /** Looks once. Never rejects. */
  async look(): Promise<void> {
    const { now, onConfirmed, onState, onRefusing } = this.#options;
    const startedMs = now();
    try {
      const set = await this.#read();
      const isBack = this.#failure !== null;
      [this.#set, this.#confirmedMs, this.#failure] = [set, startedMs, null];
      this.#mustRead = false;
      if (isBack) onState(null);
      await onConfirmed?.(set);
    } catch (error) {
      const isNew = this.#failure === null || errorCode(this.#failure) !== errorCode(error);
      this.#failure = error;
      this.#mustRead = true;
      if (isNew) onState(error);
    }
    this.#judgeAge();
    const isRefusing = this.current === null;
    if (isRefusing !== this.#isRefusing) onRefusing(isRefusing);
    this.#isRefusing = isRefusing;
  }

  /** Looks until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(PAUSE_MS, signal);
      if (!signal.aborted) await this.look();
    }
  }

  async #read(): Promise<KeySet> {
    const { reads } = this.#options;
    if (!this.#mustRead && this.#set?.version === (await reads.readVersion())) return this.#set;
    const set = KeySet.fromJson(await reads.readAll());
    if (set !== null) return set;
    throw new PipelineError("internal", "Cannot read the keys: the database gives another form");
  }

  #judgeAge(): void {
    const { now, staleMsMax } = this.#options;
    this.#isStale = this.#set !== null && now() - this.#confirmedMs > staleMsMax;
  }
}
