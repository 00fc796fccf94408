/** Stored rows, newest first: filtered, live or paused, and one of them opened. */
import { createMemo, type JSX, Show } from "solid-js";
import { joinPieces, splitPieces } from "../../address/filter.ts";
import { formatCount, plural } from "../../panels/format.ts";
import { Empty, Loading, ProblemNote } from "../parts/states.tsx";
import type { ViewProps as PageProps } from "../../shell/page.ts";
import { windowOf } from "../../questions/window.ts";
import { changeOwn, type OwnChanges } from "../parts/own.ts";
import type { ViewProps } from "../parts/view.ts";
import { ColumnChoice } from "./column_choice.tsx";
import { createEvents, type EventRows } from "./create_events.ts";
import { EventDetail } from "./event_detail.tsx";
import { EventFilters } from "./event_filters.tsx";
import { EventTable } from "./event_table.tsx";
import { IdBox } from "./id_box.tsx";
import { pathsOf } from "./paths.ts";
import { RangeChoice } from "./range_choice.tsx";
import "../parts/parts.css";
import "./events.css";

/** Payload columns at once: a wider table can't be read. // chosen */
const COLUMNS_MAX = 6;

/** The view; its parts take the page field by field. */
export function Events({ page }: PageProps) {
  return <EventsBody {...page} />;
}

function EventsBody(props: ViewProps) {
  const events = createEvents(props);
  const own = () => props.state().own;
  const setOwn = (changes: OwnChanges, how?: "push" | "replace"): void =>
    props.change({ own: changeOwn(own(), changes) }, how);
  const paths = createMemo(() => pathsOf(events.rows().map(({ payload }) => payload)));
  const columns = () => columnsOf(own()["columns"] ?? "");
  const openId = () => own()["id"] ?? null;
  const open = (id: string | null): void => setOwn({ id });
  return (
    <div classList={{ "events-view": true, "area-wide": true, "has-detail": openId() !== null }}>
      <section class="panel events-list" aria-labelledby="events-title">
        <header class="view-head">
          <h2 id="events-title">Events</h2>
          <IdBox
            isWanted={own()["find"] !== undefined}
            onFocused={() => setOwn({ find: null }, "replace")}
            onOpen={open}
          />
        </header>
        <EventFilters
          filters={props.state().filters}
          sessionId={own()["session"] ?? null}
          paths={paths()}
          onFilters={(filters) => props.change({ filters, own: without(own(), "after") })}
          onSession={(session) => setOwn({ session, after: null })}
        />
        <Toolbar
          {...props}
          events={events}
          isOlder={own()["after"] !== undefined}
          onNewest={() => setOwn({ after: null })}
        >
          <ColumnChoice
            paths={paths()}
            chosen={columns()}
            max={COLUMNS_MAX}
            onChoose={(chosen) => setOwn({ columns: joinPieces(chosen) })}
          />
        </Toolbar>
        <ProblemNote problem={events.problem()} onRetry={events.refresh} />
        <Show
          when={events.rows().length > 0}
          fallback={<NoRows {...props} events={events} onNewest={() => setOwn({ after: null })} />}
        >
          <EventTable
            rows={events.rows()}
            columns={columns()}
            openId={openId()}
            nowMs={props.nowMs()}
            zone={props.zone()}
            onOpen={open}
          />
          <Show when={events.next()}>
            {(next) => (
              <button type="button" class="button-quiet" onClick={() => setOwn({ after: next() })}>
                Older rows
              </button>
            )}
          </Show>
        </Show>
      </section>
      <Show when={openId()} keyed>
        {(id) => <EventDetail {...props} id={id} onClose={() => open(null)} />}
      </Show>
    </div>
  );
}

function columnsOf(text: string): readonly string[] {
  return splitPieces(text).filter(Boolean).slice(0, COLUMNS_MAX);
}

function without(own: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return changeOwn(own, { [name]: null });
}

function Toolbar(
  props: ViewProps & {
    readonly events: EventRows;
    readonly isOlder: boolean;
    readonly onNewest: () => void;
    readonly children: JSX.Element;
  },
) {
  const isRelative = () => typeof props.state().range === "string";
  const words = (): string => {
    if (props.isOlder) return "Older rows stay as they are.";
    if (!isRelative()) return "A fixed range: its rows change only when late events come.";
    if (props.events.isLive()) return "Live: new rows appear as they are stored.";
    const missed = props.events.missed();
    if (missed === null) return "Paused.";
    const { rows, isMore } = missed;
    return `Paused: ${plural(rows, "row")}${isMore ? " or more" : ""} came meanwhile.`;
  };
  return (
    <div class="toolbar">
      <Show when={isRelative() && !props.isOlder}>
        <button
          type="button"
          class="button-quiet"
          aria-pressed={props.state().isPaused}
          onClick={() => props.change({ isPaused: !props.state().isPaused })}
        >
          {props.state().isPaused ? "Go on" : "Pause"}
        </button>
      </Show>
      <Show when={props.isOlder}>
        <button type="button" class="button-quiet" onClick={() => props.onNewest()}>
          Newest rows
        </button>
      </Show>
      <RangeChoice
        range={props.state().range}
        window={windowOf(props.state().range, { nowMs: props.clock.wallNow(), zone: props.zone() })}
        onChoose={(range) => props.change({ range, own: without(props.state().own, "after") })}
      />
      <p class="toolbar-words">by event time</p>
      <p class="toolbar-words">{words()}</p>
      {props.children}
    </div>
  );
}

function NoRows(props: ViewProps & { readonly events: EventRows; readonly onNewest: () => void }) {
  const isFiltered = () =>
    props.state().filters.length > 0 || props.state().own["session"] !== undefined;
  const total = () => props.stream.frame()?.writtenTotal ?? null;
  return (
    <Show when={props.events.isKnown()} fallback={<FirstAnswer events={props.events} />}>
      <Empty
        title={isFiltered() ? "No row passes these filters in this range" : "No row in this range"}
      >
        <p>
          <Show when={(total() ?? 0) > 0} fallback="Nothing is stored yet: send the first event.">
            {formatCount(total())} rows are stored in all. Rows are found by the time of the event,
            not by when it came.
          </Show>
        </p>
        <div class="toolbar">
          <Show when={isFiltered()}>
            <button
              type="button"
              class="button-quiet"
              onClick={() => props.change({ filters: [], own: {} })}
            >
              Clear the filters
            </button>
          </Show>
          <button
            type="button"
            class="button-quiet"
            onClick={() =>
              props.change({ range: "12mo", own: without(props.state().own, "after") })
            }
          >
            Look at the last 12 months
          </button>
        </div>
      </Empty>
    </Show>
  );
}

function FirstAnswer(props: { readonly events: EventRows }) {
  return (
    <Show when={props.events.problem() === null}>
      <Loading what="the newest rows" />
    </Show>
  );
}
