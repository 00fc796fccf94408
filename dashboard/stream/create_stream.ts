/** The stream as signals: the last frame, the connection's state, the rates of the last minutes. */
import { type Accessor, batch, createSignal, onCleanup } from "solid-js";
import type { CountsFrame, MetricsFrame } from "@tally/shared";
import {
  addToHistory,
  EMPTY_HISTORY,
  type FrameHistory,
  joinHistories,
} from "@tally/shared/frame_history";
import { type Clock, type Connection, type FrameSource, openStream } from "./stream.ts";

/** What the page reads; every part stays as it was when the connection is lost. */
export interface LiveStream {
  readonly frame: Accessor<MetricsFrame | null>;
  /** The open minute and the one before, by type. */
  readonly counts: Accessor<CountsFrame | null>;
  readonly connection: Accessor<Connection>;
  readonly history: Accessor<FrameHistory>;
  /** Adds the history that the processor has kept to the page's own. */
  readonly takeHistory: (history: FrameHistory) => void;
  /** Connects at once when the stream waits for its next attempt. */
  readonly retryNow: () => void;
  /** A page that nobody sees needs no stream. */
  readonly show: (isShown: boolean) => void;
}

/** Opens the stream for as long as the owner lives. */
export function createStream(options: {
  readonly open: () => FrameSource;
  readonly clock: Clock;
  readonly isHidden: boolean;
  readonly random: () => number;
}): LiveStream {
  const [frame, setFrame] = createSignal<MetricsFrame | null>(null);
  const [counts, setCounts] = createSignal<CountsFrame | null>(null);
  const [connection, setConnection] = createSignal<Connection>({ kind: "connecting" });
  const [history, setHistory] = createSignal<FrameHistory>(EMPTY_HISTORY);
  const stream = openStream({
    ...options,
    onFrame: (next) =>
      batch(() => {
        setFrame(next);
        setHistory((before) => addToHistory(before, next));
      }),
    onCounts: setCounts,
    onConnection: setConnection,
  });
  onCleanup(stream.close);
  return {
    frame,
    counts,
    connection,
    history,
    takeHistory: (kept) => setHistory((own) => joinHistories(kept, own)),
    retryNow: stream.retryNow,
    show: stream.show,
  };
}
