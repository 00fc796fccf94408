/**
 * The rows that the view shows, as signals. While it is live, a frame that counts more rows
 * asks for the newest page again; while it is paused, that page is only counted.
 */
import { type Accessor, createEffect, createMemo, createSignal, on } from "solid-js";
import { createAnswer } from "../../questions/create_answer.ts";
import type { ViewProps } from "../parts/view.ts";
import { isPassing, type Problem } from "../../questions/ask.ts";
import type { EventsPage, StoredEvent } from "@tally/shared/stored_events";
import { eventsPath, type EventsQuestion, PAGE_ROWS } from "./events_query.ts";
import { type Missed, missedSince } from "./missed.ts";

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
  /** Rows that came since what is shown while paused; null when it is not known. */
  readonly missed: Accessor<Missed | null>;
  readonly refresh: () => void;
}

export function createEvents(props: ViewProps): EventRows {
  const [again, setAgain] = createSignal(0);
  const written = () => props.stream.frame()?.writtenTotal ?? null;
  const question = (): EventsQuestion => questionOf(props);
  const [isKnown, setKnown] = createSignal(false);
  /** What is paused stays as it is when the stream comes back. */
  const reconnects = createMemo<number>(
    (before) => (props.state().isPaused && isKnown() ? before : props.reconnects()),
    props.reconnects(),
  );
  const shown = createPages(props, { question, again: () => `${again()} ${reconnects()}` });
  const refresh = (): void => void setAgain((count) => count + 1);
  const isNewest = () => question().after === null && typeof question().range === "string";
  const isLive = () => isNewest() && !props.state().isPaused;
  createEffect(() => {
    if (shown.answer.last() !== null) setKnown(true);
  });
  // While paused, the newest page is asked for to be counted, and is not shown.
  const [counting, setCounting] = createSignal(0);
  const newest = createPages(props, {
    question: () => (isNewest() && !isLive() && isKnown() ? question() : null),
    again: () => `${counting()} ${props.reconnects()}`,
  });
  createEffect(
    on(props.stream.frame, () => {
      const problem = shown.answer.problem();
      const isOpen = isLive() && problem === null;
      // What was refused otherwise is the viewer's to try again.
      if (shown.isReady() && ((isOpen && written() !== shown.askedAt()) || isPassing(problem))) {
        refresh();
      }
      const isCounted = isNewest() && !isLive() && written() !== newest.askedAt();
      if (isCounted && newest.isReady()) setCounting((count) => count + 1);
    }),
  );
  const rows = createMemo<readonly StoredEvent[]>((before) => {
    const known = new Map(before.map((row) => [row.eventId, row]));
    // A row that was shown stays the same object, so that its line is not drawn again.
    return (shown.answer.last()?.answer.events ?? []).map((row) => known.get(row.eventId) ?? row);
  }, []);
  return {
    rows,
    next: () => shown.answer.last()?.answer.next ?? null,
    isKnown: () => shown.answer.last() !== null,
    isLoading: shown.answer.isLoading,
    problem: shown.answer.problem,
    isLive,
    missed: createMemo(() => {
      const last = newest.answer.last();
      // A page of other filters says nothing of these.
      if (last === null || JSON.stringify(last.question) !== JSON.stringify(question()))
        return null;
      return missedSince(rows(), last.answer.events, PAGE_ROWS);
    }),
    refresh,
  };
}

/** Pages of rows as they are asked for. */
function createPages(
  props: ViewProps,
  parts: { readonly question: Accessor<EventsQuestion | null>; readonly again: Accessor<string> },
) {
  const [askedAt, setAskedAt] = createSignal<number | null>(null);
  /** The database rests for as long as it worked: an answer that took long is asked less often. */
  let restUntilMs = 0;
  const answer = createAnswer<EventsQuestion, EventsPage>({
    ...parts,
    ask: async (asked, signal) => {
      setAskedAt(props.stream.frame()?.writtenTotal ?? null);
      const startMs = props.clock.now();
      const path = eventsPath(asked, props.clock.wallNow());
      const outcome = await props.asker.ask<EventsPage>({ path }, signal);
      restUntilMs = 2 * props.clock.now() - startMs;
      return outcome;
    },
  });
  /** One request at a time. */
  const isReady = (): boolean => !answer.isLoading() && props.clock.now() >= restUntilMs;
  return { answer, askedAt, isReady };
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
