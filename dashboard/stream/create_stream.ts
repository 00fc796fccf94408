/** The stream as signals: the last frame, the connection's state, the rates of the last minutes. */
import { type Accessor, batch, createSignal, onCleanup } from "solid-js";
import type { MetricsFrame } from "@tally/shared";
import { addToHistory, EMPTY_HISTORY, type RateHistory } from "./history.ts";
import { type Clock, type Connection, type FrameSource, openStream } from "./stream.ts";

/** What the page reads; every part stays as it was when the connection is lost. */
export interface LiveStream {
  readonly frame: Accessor<MetricsFrame | null>;
  readonly connection: Accessor<Connection>;
  readonly history: Accessor<RateHistory>;
  /** Connects at once when the stream waits for its next attempt. */
  readonly retryNow: () => void;
}

/** Opens the stream for as long as the owner lives. */
export function createStream(options: {
  readonly open: () => FrameSource;
  readonly clock: Clock;
  readonly random: () => number;
}): LiveStream {
  const [frame, setFrame] = createSignal<MetricsFrame | null>(null);
  const [connection, setConnection] = createSignal<Connection>({ kind: "connecting" });
  const [history, setHistory] = createSignal<RateHistory>(EMPTY_HISTORY);
  const stream = openStream({
    ...options,
    onFrame: (next) =>
      batch(() => {
        setFrame(next);
        setHistory((before) => addToHistory(before, next));
      }),
    onConnection: setConnection,
  });
  onCleanup(stream.close);
  return { frame, connection, history, retryNow: stream.retryNow };
}
