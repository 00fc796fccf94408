/** The rows as a table; on a narrow screen each one becomes a small card. */
import { For, Show } from "solid-js";
import type { WallMs } from "@tally/shared/clock";
import { Moment } from "../../panels/moment.tsx";
import { showText, showValue } from "../../panels/show_text.ts";
import type { StoredEvent } from "@tally/shared/stored_events";
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

const FIXED = ["Time", "Type", "Session"] as const;

// The roles are written out: a table that is laid out as cards loses its own.
export function EventTable(props: EventTableProps) {
  return (
    <div class="rows-scroll" tabindex="0" role="region" aria-label="Rows, newest first">
      <table class="row-cards events-table" role="table">
        <caption class="visually-hidden">Stored rows, newest first</caption>
        <thead role="rowgroup">
          <tr role="row">
            <For each={[...FIXED, ...props.columns]}>
              {(title) => (
                <th scope="col" role="columnheader">
                  <bdi>{showText(title)}</bdi>
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
      <td role="cell" class="cell-time">
        <Moment at={props.row.ts} nowMs={props.nowMs} zone={props.zone} />
      </td>
      <td role="cell">
        <bdi class="cell-type">{showText(props.row.eventType)}</bdi>
      </td>
      <td role="cell">
        <bdi>{showText(props.row.sessionId)}</bdi>
      </td>
      <Show
        when={props.columns.length > 0}
        fallback={
          <td role="cell" class="cell-payload">
            <code>{showValue(props.row.payload)}</code>
          </td>
        }
      >
        <For each={props.columns}>
          {(path) => (
            <td role="cell">
              <span class="cell-label" aria-hidden="true">
                {showText(path)}
              </span>
              <bdi>{showValue(valueAt(props.row.payload, path))}</bdi>
            </td>
          )}
        </For>
      </Show>
      <th scope="row" role="rowheader">
        <button
          type="button"
          class="row-open"
          aria-expanded={isOpen()}
          onClick={() => props.onOpen(isOpen() ? null : props.row.eventId)}
        >
          <code>{props.row.eventId}</code>
        </button>
      </th>
    </tr>
  );
}
