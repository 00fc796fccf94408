/** Whether the figures are live, in the page's corner; a screen reader hears a change once. */
import type { MonotonicMs, WallMs } from "@tally/shared/clock";
import { type Accessor, createMemo, Show } from "solid-js";
import type { LiveStream } from "../stream/create_stream.ts";
import { iso } from "../address/range.ts";
import { formatDuration } from "./format.ts";
import { Moment } from "./moment.tsx";
import type { Connection } from "../stream/stream.ts";

export function ConnectionState(props: {
  readonly stream: LiveStream;
  readonly nowMs: Accessor<WallMs>;
  readonly monotonicMs: Accessor<MonotonicMs>;
  /** IANA name. */
  readonly zone: Accessor<string>;
  /** Whether it is only looked at: it has no button. */
  readonly isInert?: boolean;
}) {
  const connection = () => props.stream.connection();
  const words = createMemo(() => describe(connection()));
  const waitSeconds = (): number | null => {
    const now = connection();
    if (now.kind !== "reconnecting" || now.retryAtMs === null) return null;
    return Math.max(0, (now.retryAtMs - props.monotonicMs()) / 1000);
  };
  return (
    <div class="connection" data-state={connection().kind}>
      <span class="connection-dot" aria-hidden="true" />
      <span role="status">
        {words()[0]}
        <Show when={words()[1]}>
          {(atMs) => (
            <>
              {" "}
              <Moment at={iso(atMs())} nowMs={props.nowMs()} zone={props.zone()} />
            </>
          )}
        </Show>
      </span>
      <Show when={waitSeconds() !== null}>
        <span class="connection-wait">next attempt in {formatDuration(waitSeconds())}</span>
        <Show when={!props.isInert}>
          <button type="button" class="button-quiet" onClick={() => props.stream.retryNow()}>
            Try now
          </button>
        </Show>
      </Show>
    </div>
  );
}

/** What is known of the connection, and the time that belongs to it. */
function describe(connection: Connection): readonly [words: string, atMs: WallMs | null] {
  switch (connection.kind) {
    case "connecting":
      return ["Connecting", null];
    case "live":
      return ["Live", null];
    case "stale":
      return ["Stale since", connection.sinceMs];
    case "reconnecting": {
      const words = connection.sinceMs === null ? "Reconnecting" : "Reconnecting, last frame";
      return [words, connection.sinceMs];
    }
  }
}
