/** The rows as a table; on a narrow screen each one becomes a small card. */
import { For, Show } from "solid-js";
import type { WallMs } from "@tally/shared/clock";
import { Moment } from "../../panels/moment.tsx";
import { showText, showValue } from "../../panels/show_text.ts";
import type { StoredEvent } from "@tally/shared/stored_events";
import { CellLabel } from "../parts/cell_label.tsx";
import { valueAt } from "./paths.ts";

export interface EventTableProps {
  readonly rows: readonly StoredEvent[];
  /** Paths into the payload. */
  readonly columns: readonly string[];
  readonly openId: string | null;
  readonly nowMs: WallMs;
  readonly zone: string;
  readonly onOpen: (id: string | null) => void;
}

/** The columns that are always there, and what each says. */
const FIXED: readonly (readonly [title: string, hover?: string])[] = [
  ["Received", "When ingest took the event: the rows are in this order"],
  ["Event time", "When it happened, as its sender says (ts)"],
  ["Type"],
  ["Session"],
];

// The roles are written out: a table that is laid out as cards loses its own.
export function EventTable(props: EventTableProps) {
  return (
    <div class="rows-scroll" tabindex="0" role="region" aria-label="Rows, newest first">
      <table class="row-cards events-table" role="table">
        <caption class="visually-hidden">Stored rows, newest first</caption>
        <thead role="rowgroup">
          <tr role="row">
            <For each={FIXED}>
              {([title, hover]) => (
                <th scope="col" role="columnheader" title={hover}>
                  {title}
                </th>
              )}
            </For>
            <For each={props.columns}>
              {(path) => (
                <th scope="col" role="columnheader" title={showText(path)}>
                  <bdi class="cell-line">{showText(path)}</bdi>
                </th>
              )}
            </For>
            <Show when={props.columns.length === 0}>
              <th scope="col" role="columnheader">
                Payload
              </th>
            </Show>
            <th scope="col" role="columnheader">
              Event id
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          <For each={props.rows}>{(row) => <Row {...props} row={row} />}</For>
        </tbody>
      </table>
    </div>
  );
}

function Row(props: EventTableProps & { readonly row: StoredEvent }) {
  const isOpen = () => props.openId === props.row.eventId;
  return (
    <tr role="row" data-open={isOpen()}>
      <TimeCell {...props} label="Received" at={props.row.receivedAt} />
      <TimeCell {...props} label="Event time" at={props.row.ts} />
      <td role="cell">
        <Line class="cell-type" text={showText(props.row.eventType)} />
      </td>
      <td role="cell">
        <CellLabel text="Session" />
        <Line text={showText(props.row.sessionId)} />
      </td>
      <Show
        when={props.columns.length > 0}
        fallback={
          <td role="cell" class="cell-payload">
            <code class="cell-line" title={showValue(props.row.payload)}>
              {showValue(props.row.payload)}
            </code>
          </td>
        }
      >
        <For each={props.columns}>
          {(path) => (
            <td role="cell">
              <CellLabel text={showText(path)} />
              <Line text={showValue(valueAt(props.row.payload, path))} />
            </td>
          )}
        </For>
      </Show>
      <th scope="row" role="rowheader">
        <CellLabel text="Event id" />
        <button
          type="button"
          class="row-open"
          aria-expanded={isOpen()}
          onClick={() => props.onOpen(isOpen() ? null : props.row.eventId)}
        >
          <code class="cell-line" title={props.row.eventId}>
            <bdi dir="ltr">{props.row.eventId}</bdi>
          </code>
        </button>
      </th>
    </tr>
  );
}

/** A text on one line; a long one is whole on hover, and in the event when it is opened. */
function Line(props: { readonly text: string; readonly class?: string }) {
  return (
    <bdi class={`cell-line ${props.class ?? ""}`} title={props.text}>
      {props.text}
    </bdi>
  );
}

function TimeCell(props: EventTableProps & { readonly label: string; readonly at: string }) {
  return (
    <td role="cell" class="cell-time">
      <CellLabel text={props.label} />
      <Moment at={props.at} nowMs={props.nowMs} zone={props.zone} />
    </td>
  );
}
