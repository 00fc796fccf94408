/**
 * The values of one property that most events or most sessions have. The property is picked from
 * those of the newest events, or typed.
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
import type { QueryAnswer } from "../../questions/question.ts";
import { PropertyChoice } from "../../shell/property_choice.tsx";

const VALUES_SHOWN = 10;

interface TopValuesProps extends CardsProps {
  readonly rows: readonly StoredEvent[];
}

export function TopValues(props: TopValuesProps) {
  const { page } = props;
  const { seen, dimension, metric, answer } = createRanking(props);
  const results = () => answer().last()?.answer.results ?? [];
  const most = () => Math.max(1, ...results().map(({ metrics }) => metrics[0] ?? 0));
  const choose = (changes: Readonly<Record<string, string>>): void =>
    page.change({ own: { ...page.state().own, ...changes } }, "replace");
  const pick = (value: Scalar): void => {
    const filter = { operator: "is", dimension: dimension(), values: [value] } as const;
    page.change({ filters: addFilter(page.state().filters, filter) });
  };
  const empty = () => (answer().last() === null ? "Loading" : "No event in this range.");
  return (
    <Panel title="Top values" area="values">
      <div class="control-line">
        <MetricPicker metric={metric()} onChoose={(rank) => choose({ rank })} />
        <PropertyPicker by={dimension()} seen={seen()} onChoose={(by) => choose({ by })} />
      </div>
      <Show
        when={answer().problem()}
        fallback={
          <Show when={results().length > 0} fallback={<p class="empty">{empty()}</p>}>
            <ul class="bars" classList={{ "is-loading": answer().isLoading() }}>
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
          </Show>
        }
      >
        {(problem) => <p class="notice">{describeOutcome(problem())}</p>}
      </Show>
    </Panel>
  );
}

/** Of which property, ranked by what, and the answer. */
function createRanking(props: TopValuesProps) {
  const { page, overview } = props;
  const chosen = () => page.state().own["by"] ?? null;
  const seen = createMemo<readonly string[]>(
    // Once seen, a property stays in the list.
    (before) => propertiesOf(props.rows, before),
    [],
  );
  const metric = createMemo(() => readMetric(page.state().own["rank"]));
  const ask = (by: string) => ({
    metrics: [metric()],
    dimensions: [by],
    pagination: { limit: VALUES_SHOWN },
  });
  // Without a choice it is the path: what most people ask for first.
  const pages = overview.range.ask(() => (chosen() === null ? ask("event:page") : null));
  const hasPages = () => !hasNoValue(pages.last()?.answer);
  // Only when no event of the range has one it is another property, and stays that.
  const instead = createMemo<string | null>(
    (before) => (hasPages() ? before : (before ?? seen()[0] ?? null)),
    null,
  );
  const dimension = createMemo(() => chosen() ?? (hasPages() ? null : instead()) ?? "event:page");
  const isPages = () => chosen() === null && dimension() === "event:page";
  const other = overview.range.ask(() => (isPages() ? null : ask(dimension())));
  return { seen, dimension, metric, answer: () => (isPages() ? pages : other) };
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
  const options = () =>
    [...new Set([props.by, "event:page", ...props.seen])].map(
      (each) => [each, describeDimension(each)] as const,
    );
  return (
    <span class="control control-inner">
      by
      <PropertyChoice
        label="by"
        value={props.by}
        options={options()}
        onChoose={(by) => props.onChoose(by)}
      />
    </span>
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

/** Whether there are events, of which none has the property. */
function hasNoValue(answer: QueryAnswer | undefined): boolean {
  const results = answer?.results ?? [];
  return results.length > 0 && results.every(({ dimensions }) => (dimensions[0] ?? null) === null);
}
