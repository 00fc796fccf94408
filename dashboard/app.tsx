/** The whole page, in the order of an operator's questions: health, volume, latency, details. */
import type { MonotonicMs, WallMs } from "@tally/shared/clock";
import { type Accessor, Show } from "solid-js";
import { ArchivePanel } from "./panels/archive_panel.tsx";
import { ConnectionState } from "./panels/connection_state.tsx";
import type { LiveStream } from "./stream/create_stream.ts";
import { DeadLetterPanel } from "./panels/dead_letter_panel.tsx";
import { EventTypePanel } from "./panels/event_type_panel.tsx";
import { formatCount } from "./panels/format.ts";
import { FirstEvent } from "./test_event/first_event.tsx";
import { HealthPanel } from "./panels/health_panel.tsx";
import { LatencyPanel } from "./panels/latency_panel.tsx";
import type { Fetch } from "./test_event/send_event.ts";
import type { Clock } from "./stream/stream.ts";
import { TestEventPanel } from "./test_event/test_event_panel.tsx";
import { VolumePanel } from "./panels/volume_panel.tsx";

export interface AppProps {
  readonly stream: LiveStream;
  /** The time of day, for dates. */
  readonly nowMs: Accessor<WallMs>;
  /** For what is left of a pause. */
  readonly monotonicMs: Accessor<MonotonicMs>;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly ingestUrl: string;
}

export function App(props: AppProps) {
  const frame = () => props.stream.frame();
  const isOld = () => ["stale", "reconnecting"].includes(props.stream.connection().kind);
  return (
    <>
      <header class="page-header">
        <h1 class="brand">
          <TallyMark />
          Tally
        </h1>
        <p class="motto">Every accepted event is accounted for.</p>
        <ConnectionState
          stream={props.stream}
          nowMs={props.nowMs}
          monotonicMs={props.monotonicMs}
        />
      </header>
      <main classList={{ page: true, "is-old": isOld() }}>
        <HealthPanel stream={props.stream} nowMs={props.nowMs} />
        <Show when={frame()?.receivedTotal === 0}>
          <FirstEvent ingestUrl={props.ingestUrl} />
        </Show>
        <VolumePanel stream={props.stream} nowMs={props.nowMs} />
        <TestEventPanel
          clock={props.clock}
          fetch={props.fetch}
          ingestUrl={props.ingestUrl}
          nowMs={props.nowMs}
          isArchiveEnabled={() => frame()?.archive.enabled ?? true}
        />
        <LatencyPanel frame={frame()} nowMs={props.nowMs} />
        <ArchivePanel frame={frame()} />
        <EventTypePanel frame={frame()} />
        <DeadLetterPanel frame={frame()} />
      </main>
      <footer class="page-footer">
        <p>
          <span aria-hidden="true">–</span> means "not known"; it is never shown as 0. Times of day
          are those of your zone.
          <Show when={frame()}>
            {(known) => <> Subscribers of this processor: {formatCount(known().subscribers)}.</>}
          </Show>
        </p>
      </footer>
    </>
  );
}

/** Four strokes and one across: five. */
function TallyMark() {
  return (
    <svg class="tally-mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M7 7v18M13 7v18M19 7v18M25 7v18M3 22.5l26-13" />
    </svg>
  );
}
