/** Whether the figures are live, in the page's corner; a screen reader hears a change once. */
import type { MonotonicMs, WallMs } from "@tally/shared/clock";
import { type Accessor, Show } from "solid-js";
import type { LiveStream } from "../stream/create_stream.ts";
import { formatDuration, formatTime } from "./format.ts";
import type { Connection } from "../stream/stream.ts";

export function ConnectionState(props: {
  readonly stream: LiveStream;
  readonly nowMs: Accessor<WallMs>;
  readonly monotonicMs: Accessor<MonotonicMs>;
}) {
  const connection = () => props.stream.connection();
  const waitSeconds = (): number | null => {
    const now = connection();
    if (now.kind !== "reconnecting" || now.retryAtMs === null) return null;
    return Math.max(0, (now.retryAtMs - props.monotonicMs()) / 1000);
  };
  return (
    <div class="connection" data-state={connection().kind}>
      <span class="connection-dot" aria-hidden="true" />
      <span role="status">{describe(connection(), props.nowMs())}</span>
      <Show when={waitSeconds() !== null}>
        <span class="connection-wait">next attempt in {formatDuration(waitSeconds())}</span>
        <button type="button" class="button-quiet" onClick={() => props.stream.retryNow()}>
          Try now
        </button>
      </Show>
    </div>
  );
}

function describe(connection: Connection, nowMs: number): string {
  switch (connection.kind) {
    case "connecting":
      return "Connecting";
    case "live":
      return "Live";
    case "stale":
      return `Stale since ${formatTime(connection.sinceMs, { nowMs })}`;
    case "reconnecting":
      return connection.sinceMs === null
        ? "Reconnecting"
        : `Reconnecting, last frame ${formatTime(connection.sinceMs, { nowMs })}`;
  }
}
