/**
 * The values of one property that most events or most sessions have. The property is picked from
 * those of the newest events.
 */
import { createMemo, For, Show } from "solid-js";
import type { StoredEvent } from "@tally/shared/stored_events";
import { addFilter, type Scalar } from "../../address/filter.ts";
import { formatCount, plural } from "../../panels/format.ts";
import { Panel } from "../../panels/panel.tsx";
import { showScalar } from "../../panels/show_text.ts";
import { describeOutcome } from "../../questions/ask.ts";
import { describeDimension } from "../../shell/filter_chips.tsx";
import type { CardsProps } from "./cards.tsx";
import { propertiesOf } from "../../questions/properties.ts";

const VALUES_SHOWN = 10;

export function TopValues(props: CardsProps & { readonly rows: readonly StoredEvent[] }) {
  const { page, overview } = props;
  const chosen = () => page.state().own["by"] ?? null;
  const seen = createMemo<readonly string[]>(
    // Once seen, a property stays in the list.
    (before) => propertiesOf(props.rows, before),
    [],
  );
  const dimension = createMemo(() => chosen() ?? preferred(seen()));
  const metric = createMemo(() => readMetric(page.state().own["rank"]));
  const answer = overview.range.ask(() => {
    const by = dimension();
    return by === null
      ? null
      : { metrics: [metric()], dimensions: [by], pagination: { limit: VALUES_SHOWN } };
  });
  const results = () => answer.last()?.answer.results ?? [];
  const most = () => Math.max(1, ...results().map(({ metrics }) => metrics[0] ?? 0));
  const choose = (changes: Readonly<Record<string, string>>): void =>
    page.change({ own: { ...page.state().own, ...changes } }, "replace");
  const pick = (value: Scalar): void =>
    page.change({
      filters: addFilter(page.state().filters, {
        operator: "is",
        dimension: dimension() ?? "event:page",
        values: [value],
      }),
    });
  return (
    <Panel title="Top values" area="values">
      <Show when={dimension()} fallback={<p class="empty">No event has a property yet.</p>}>
        {(by) => (
          <div class="control-line">
            <MetricPicker metric={metric()} onChoose={(rank) => choose({ rank })} />
            <PropertyPicker by={by()} seen={seen()} onChoose={(chosen) => choose({ by: chosen })} />
          </div>
        )}
      </Show>
      <Show
        when={answer.problem()}
        fallback={
          <ul class="bars" classList={{ "is-loading": answer.isLoading() }}>
            <For each={results()}>
              {({ dimensions, metrics }) => (
                <ValueBar
                  value={dimensions[0] ?? null}
                  count={metrics[0] ?? 0}
                  metric={metric()}
                  most={most()}
                  onPick={pick}
                />
              )}
            </For>
          </ul>
        }
      >
        {(problem) => <p class="notice">{describeOutcome(problem())}</p>}
      </Show>
    </Panel>
  );
}

/** What values can be ranked by, and how each is said. */
const METRICS = { events: "Events", sessions: "Sessions" } as const;
type Metric = keyof typeof METRICS;

function readMetric(text: string | undefined): Metric {
  return text === "sessions" ? text : "events";
}

function MetricPicker(props: {
  readonly metric: Metric;
  readonly onChoose: (metric: string) => void;
}) {
  return (
    <select
      class="select"
      aria-label="Ranked by"
      onChange={(event) => props.onChoose(event.currentTarget.value)}
    >
      <For each={Object.entries(METRICS)}>
        {([value, text]) => (
          <option value={value} selected={value === props.metric}>
            {text}
          </option>
        )}
      </For>
    </select>
  );
}

function PropertyPicker(props: {
  readonly by: string;
  readonly seen: readonly string[];
  readonly onChoose: (by: string) => void;
}) {
  return (
    <label class="control control-inner">
      by
      <select class="select" onChange={(event) => props.onChoose(event.currentTarget.value)}>
        <For each={[...new Set([props.by, ...props.seen])]}>
          {(each) => (
            <option value={each} selected={each === props.by}>
              {describeDimension(each)}
            </option>
          )}
        </For>
      </select>
    </label>
  );
}

function ValueBar(props: {
  readonly value: Scalar;
  readonly count: number;
  readonly metric: Metric;
  readonly most: number;
  readonly onPick: (value: Scalar) => void;
}) {
  return (
    <li class="bar">
      <span class="bar-name">
        <button type="button" class="button-text" onClick={() => props.onPick(props.value)}>
          {showScalar(props.value)}
        </button>
      </span>
      <span class="bar-count" title={plural(props.count, props.metric.slice(0, -1))}>
        {formatCount(props.count)}
      </span>
      <progress class="bar-track" aria-hidden="true" max={props.most} value={props.count} />
    </li>
  );
}

/** A page is what most people ask for first. */
function preferred(seen: readonly string[]): string | null {
  return seen.find((each) => each === "event:page") ?? seen[0] ?? null;
}
