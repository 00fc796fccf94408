/** The most frequent event types by rows, and all others together. */
import { createMemo, Index, Show } from "solid-js";
import type { MetricsFrame } from "@tally/shared";
import { formatCount } from "./format.ts";
import { Panel } from "./panel.tsx";

export function EventTypePanel(props: { readonly frame: MetricsFrame | null }) {
  const rows = createMemo(() => {
    const { frame } = props;
    if (frame === null) return [];
    const types = frame.eventTypes.map((type) => ({ ...type, isOther: false }));
    if (frame.eventTypesOther === 0) return types;
    return [...types, { eventType: "other", events: frame.eventTypesOther, isOther: true }];
  });
  const most = () => Math.max(1, ...rows().map((row) => row.events));
  return (
    <Panel title="Event types" area="types">
      <Show when={rows().length > 0} fallback={<p class="empty">{empty(props.frame)}</p>}>
        <ul class="bars" aria-label="Event types by rows">
          <Index each={rows()}>
            {(row) => (
              <li class="bar" classList={{ "bar-other": row().isOther }}>
                <span class="bar-name">{row().eventType}</span>
                <span class="bar-count">{formatCount(row().events)}</span>
                <progress class="bar-track" aria-hidden="true" max={most()} value={row().events} />
              </li>
            )}
          </Index>
        </ul>
      </Show>
    </Panel>
  );
}

function empty(frame: MetricsFrame | null): string {
  return frame === null ? "No frame has come yet" : "No row is stored yet.";
}
