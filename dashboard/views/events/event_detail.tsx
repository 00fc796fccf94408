/** One event: its payload, and its way from the answer of ingest to its line in the archive. */
import type { EventTrace } from "@tally/shared";
import type { Filter } from "../../address/filter.ts";
import { createSignal, onCleanup, onMount, Show } from "solid-js";
import { followEvent, type Progress } from "../../test_event/follow_event.ts";
import { Facts } from "../parts/facts.tsx";
import { Moment } from "../../panels/moment.tsx";
import { showJson, showText } from "../../panels/show_text.ts";
import { Loading } from "../parts/states.tsx";
import type { ViewProps } from "../parts/view.ts";
import { ViewLink } from "../../shell/view_link.tsx";
import { isStoreAway } from "../../panels/health.ts";
import { EventTraceSteps } from "./event_trace.tsx";

export function EventDetail(
  props: ViewProps & { readonly id: string; readonly onClose: () => void },
) {
  const [progress, setProgress] = createSignal<Progress | null>(null);
  let title: HTMLHeadingElement | undefined;
  onMount(() => {
    const isArchiveEnabled = () => props.stream.frame()?.archive.enabled ?? true;
    onCleanup(followEvent(props.id, { ...props, isArchiveEnabled, onProgress: setProgress }));
    // A keyboard goes on where the eye does.
    title?.focus();
  });
  const trace = () => progress()?.trace ?? null;
  return (
    <aside
      class="panel event-detail"
      aria-labelledby="event-detail-title"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        props.onClose();
      }}
    >
      <header class="view-head">
        <h2 id="event-detail-title" tabindex="-1" ref={(element) => (title = element)}>
          Event <code class="key">{showText(props.id)}</code>
        </h2>
        <button type="button" class="button-quiet" onClick={() => props.onClose()}>
          Close
        </button>
      </header>
      <Show when={progress()} fallback={<Loading what="its trace" />}>
        {(known) => (
          <EventTraceSteps
            id={props.id}
            progress={known()}
            nowMs={props.nowMs()}
            zone={props.zone()}
            isArchiveEnabled={props.stream.frame()?.archive.enabled ?? true}
            isStoreAway={isStoreAway(props.stream.frame())}
            onLetter={(letter) => props.change({ view: "dead-letters", own: { letter } })}
          />
        )}
      </Show>
      <Show when={trace()?.row}>{(row) => <Row {...props} row={row()} />}</Show>
    </aside>
  );
}

function Row(
  props: ViewProps & { readonly id: string; readonly row: NonNullable<EventTrace["row"]> },
) {
  const ofType = (): Filter => ({
    operator: "is",
    dimension: "event:name",
    values: [props.row.eventType],
  });
  return (
    <>
      <h3 class="part-title">Row</h3>
      <Facts
        facts={[
          { name: "Type", value: <bdi>{showText(props.row.eventType)}</bdi> },
          { name: "Session", value: <bdi>{showText(props.row.sessionId)}</bdi> },
          {
            name: "Event time (ts)",
            value: <Moment at={props.row.ts} nowMs={props.nowMs()} zone={props.zone()} />,
          },
        ]}
      />
      <p class="detail-links">
        <ViewLink
          page={props}
          to={{ view: "events", filters: [], own: { session: props.row.sessionId, id: props.id } }}
        >
          Events of this session
        </ViewLink>
        <ViewLink page={props} to={{ view: "events", filters: [ofType()], own: { id: props.id } }}>
          Events of this type
        </ViewLink>
      </p>
      <h3 class="part-title">Payload</h3>
      <pre class="payload" tabindex="0" role="region" aria-label="Payload">
        {showJson(props.row.payload)}
      </pre>
    </>
  );
}
