/**
 * The rows that the view shows, as signals. While it is live, a frame that counts more rows
 * asks for the newest page again; while it is paused, what came meanwhile is only counted.
 */
import { type Accessor, createEffect, createMemo, createSignal, on } from "solid-js";
import { createAnswer } from "../../questions/create_answer.ts";
import type { ViewProps } from "../parts/view.ts";
import { isPassing, type Problem } from "../../questions/ask.ts";
import type { EventsPage, StoredEvent } from "@tally/shared/stored_events";
import { eventsPath, type EventsQuestion } from "./events_query.ts";

export interface EventRows {
  readonly rows: Accessor<readonly StoredEvent[]>;
  /** The cursor of the next older page; null at the end. */
  readonly next: Accessor<string | null>;
  /** Whether a first answer has come. */
  readonly isKnown: Accessor<boolean>;
  readonly isLoading: Accessor<boolean>;
  readonly problem: Accessor<Problem | null>;
  /** Whether new rows appear as they are stored. */
  readonly isLive: Accessor<boolean>;
  /** Rows stored since the page was asked last, of any kind; null when it is not known. */
  readonly missed: Accessor<number | null>;
  readonly refresh: () => void;
}

export function createEvents(props: ViewProps): EventRows {
  const [again, setAgain] = createSignal(0);
  const [askedAt, setAskedAt] = createSignal<number | null>(null);
  const written = () => props.stream.frame()?.writtenTotal ?? null;
  /** Rows in the first frame: a page may ask before it comes. */
  const firstWritten = createMemo<number | null>((before) => before ?? written(), null);
  const question = (): EventsQuestion => questionOf(props);
  const [isKnown, setKnown] = createSignal(false);
  /** What is paused stays as it is when the stream comes back. */
  const reconnects = createMemo<number>(
    (before) => (props.state().isPaused && isKnown() ? before : props.reconnects()),
    props.reconnects(),
  );
  /** The database rests for as long as it worked: an answer that took long is asked less often. */
  let restUntilMs = 0;
  const answer = createAnswer<EventsQuestion, EventsPage>({
    question,
    ask: async (asked, signal) => {
      setAskedAt(written());
      const startMs = props.clock.now();
      const path = eventsPath(asked, props.clock.wallNow());
      const outcome = await props.asker.ask<EventsPage>({ path }, signal);
      restUntilMs = 2 * props.clock.now() - startMs;
      if (outcome.kind === "answered") setKnown(true);
      return outcome;
    },
    again: () => `${again()} ${reconnects()}`,
  });
  const refresh = (): void => void setAgain((count) => count + 1);
  const isNewest = () => question().after === null && typeof question().range === "string";
  const isLive = () => isNewest() && !props.state().isPaused;
  createEffect(
    on(props.stream.frame, () => {
      // One request at a time.
      if (answer.isLoading() || props.clock.now() < restUntilMs) return;
      const problem = answer.problem();
      // What was refused otherwise is the viewer's to try again.
      const hasNews = isLive() && problem === null && written() !== askedAt();
      if (hasNews || isPassing(problem)) refresh();
    }),
  );
  const rows = createMemo<readonly StoredEvent[]>((before) => {
    const known = new Map(before.map((row) => [row.eventId, row]));
    // A row that was shown stays the same object, so that its line is not drawn again.
    return (answer.last()?.answer.events ?? []).map((row) => known.get(row.eventId) ?? row);
  }, []);
  return {
    rows,
    next: () => answer.last()?.answer.next ?? null,
    isKnown: () => answer.last() !== null,
    isLoading: answer.isLoading,
    problem: answer.problem,
    isLive,
    missed: () => {
      const [total, asked] = [written(), askedAt() ?? firstWritten()];
      return total === null || asked === null ? null : Math.max(0, total - asked);
    },
    refresh,
  };
}

function questionOf({ state, zone }: ViewProps): EventsQuestion {
  const { range, filters, own } = state();
  return {
    range,
    zone: zone(),
    filters,
    sessionId: own["session"] ?? null,
    after: own["after"] ?? null,
  };
}
