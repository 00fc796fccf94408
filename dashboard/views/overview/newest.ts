/**
 * The newest rows. They are asked for when the stream says that rows were written: not more often
 * than the bound, and never while nothing comes.
 */
import { createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import type { EventsPage } from "@tally/shared/stored_events";
import { toQueryFilter } from "../../address/filter.ts";
import { createAnswer } from "../../questions/create_answer.ts";
import type { Page } from "../../shell/page.ts";

/** Rows that are shown. */
export const ROWS_MAX = 12;
/** Pause between two questions while events come. // chosen */
const ASK_MS_MIN = 2000;

export function createNewest(page: Page) {
  const written = createMemo(() =>
    page.state().isPaused ? null : (page.stream.frame()?.writtenTotal ?? null),
  );
  const [round, setRound] = createSignal(0);
  let lastMs = Number.NEGATIVE_INFINITY;
  let cancel = (): void => {};
  createEffect(
    on(written, (total) => {
      if (total === null) return;
      cancel();
      const restMs = Math.max(0, lastMs + ASK_MS_MIN - page.clock.now());
      cancel = page.clock.after(restMs, () => {
        lastMs = page.clock.now();
        setRound((count) => count + 1);
      });
    }),
  );
  onCleanup(() => cancel());
  const path = (): string => {
    const { filters } = page.state();
    const text = JSON.stringify(filters.map(toQueryFilter));
    const asked = filters.length === 0 ? "" : `&filters=${encodeURIComponent(text)}`;
    return `events?limit=${ROWS_MAX}${asked}`;
  };
  return createAnswer({
    question: () => ({ path: path() }),
    ask: (question, signal) => page.asker.ask<EventsPage>(question, signal),
    again: round,
  });
}
