/** Everything outside of the client: a page, a process, or what a test makes of them. */
import type { MonotonicClock, WallClock } from "@tally/shared/clock";
import type { Trouble } from "./api.ts";
import type { PageStorage } from "./kept_values.ts";

export interface World {
  fetch(url: string, options: RequestInit): Promise<Response>;
  /** Hands text to the browser, which sends it even after the page. False: it does not take it. */
  beacon(url: string, text: string): boolean;
  readonly storage: PageStorage | null;
  readonly wallNow: WallClock;
  readonly now: MonotonicClock;
  /** 0 to 1. */
  random(): number;
  /** Three numbers that nobody can guess. */
  randomNumbers(): Uint32Array;
  /** Runs a function later. @returns A function that cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Listens to the page. @returns A function that ends it. */
  onPage(listener: (state: PageState) => void): () => void;
  /** Reports a trouble when no `onError` is given. */
  warn(trouble: Trouble): void;
}

/** `hidden` may be the last that a page sees; `gone` is the last, unless the page comes back. */
export type PageState = "hidden" | "gone" | "shown";
