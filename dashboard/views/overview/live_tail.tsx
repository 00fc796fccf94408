/** The newest rows, as they come; each leads to its event. */
import { For, Index, Show } from "solid-js";
import type { EventsPage, StoredEvent } from "@tally/shared/stored_events";
import { Moment } from "../../panels/moment.tsx";
import { Panel } from "../../panels/panel.tsx";
import { showText, showValue } from "../../panels/show_text.ts";
import { describeOutcome } from "../../questions/ask.ts";
import type { Answer } from "../../questions/create_answer.ts";
import type { Request } from "../../questions/ask.ts";
import type { Page } from "../../shell/page.ts";
import { ViewLink } from "../../shell/view_link.tsx";

export function LiveTail(props: {
  readonly page: Page;
  readonly newest: Answer<Request, EventsPage>;
}) {
  const rows = () => props.newest.last()?.answer.events ?? [];
  return (
    <Panel title="Newest events" area="tail">
      <Show when={rows().length > 0} fallback={<p class="empty">{empty(props)}</p>}>
        <div class="tail" role="table" aria-label="Newest events">
          <div class="tail-row tail-head" role="row">
            <For each={["Received", "Type", "Session", "Payload"]}>
              {(title) => <span role="columnheader">{title}</span>}
            </For>
          </div>
          <Index each={rows()}>{(row) => <TailRow row={row()} page={props.page} />}</Index>
        </div>
        <p class="note">
          <ViewLink page={props.page} to={{ view: "events" }}>
            All events
          </ViewLink>
        </p>
      </Show>
    </Panel>
  );
}

function TailRow(props: { readonly row: StoredEvent; readonly page: Page }) {
  const { page } = props;
  return (
    <div class="tail-row" role="row">
      <span role="cell" class="tail-time">
        <Moment at={props.row.receivedAt} nowMs={page.nowMs()} zone={page.zone()} />
      </span>
      <span role="cell" class="tail-type" title={showText(props.row.eventType)}>
        <ViewLink page={page} to={{ view: "events", own: { id: props.row.eventId } }}>
          {showText(props.row.eventType)}
        </ViewLink>
      </span>
      <span role="cell" class="tail-session" title={showText(props.row.sessionId)}>
        {showText(props.row.sessionId)}
      </span>
      <code role="cell" class="tail-payload" title={showValue(props.row.payload)}>
        {showValue(props.row.payload)}
      </code>
    </div>
  );
}

function empty({ newest, page }: Parameters<typeof LiveTail>[0]): string {
  const problem = newest.problem();
  if (problem !== null) return describeOutcome(problem);
  if (newest.last() === null) return "Loading";
  const isFiltered = page.state().filters.length > 0;
  return isFiltered ? "No event passes these filters." : "No event is stored yet.";
}
