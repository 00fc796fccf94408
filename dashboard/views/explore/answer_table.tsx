/** The answer as a table; each row leads to the events behind it. */
import { For, type JSX, Show } from "solid-js";
import { addFilter } from "../../address/filter.ts";
import { beforeInWords } from "../../address/before.ts";
import { readRange } from "../../address/range.ts";
import type { PageState } from "../../address/page_state.ts";
import { Change } from "../../charts/change.tsx";
import { seriesOf } from "../../charts/type_list.tsx";
import { barInUtc, bucketLabel } from "../../charts/bucket_label.ts";
import { Value } from "../../panels/figure.tsx";
import { plural } from "../../panels/format.ts";
import type { Answer } from "../../questions/create_answer.ts";
import type { QueryAnswer, Question, Result } from "../../questions/question.ts";
import type { Stack } from "../../questions/stack.ts";
import { nextStart, readLabel } from "../../questions/zone.ts";
import { describeDimension } from "../../shell/filter_chips.tsx";
import { ViewLink } from "../../shell/view_link.tsx";
import {
  isPlain,
  PLAIN_METRICS,
  PROPERTY_METRICS,
  ROWS_MAX,
  type Scope,
  type SortColumn,
} from "./asked.ts";
import { type RowOrder, sortRows } from "./sort_rows.ts";
import { formatMetric } from "./format_metric.ts";
import { showScalar } from "../../panels/show_text.ts";
import type { ExploreParts } from "./parts.ts";

export interface AnswerTableProps extends ExploreParts {
  readonly table: Answer<Question, QueryAnswer>;
  /** Rows for values that only the compared range has. */
  readonly gone: readonly Result[];
  /** The chart, whose colours stand before the values. */
  readonly stack: Stack | null;
  readonly scope: Scope;
}

export function AnswerTable(props: AnswerTableProps) {
  const { asked } = props;
  const results = () =>
    sortRows([...(props.table.last()?.answer.results ?? []), ...props.gone], order());
  // The rows stay while the next question is on its way: what they are by is said by their own.
  const by = (): string => {
    const [dimension = ""] = props.table.last()?.question.dimensions ?? [];
    return dimension.startsWith("time:") ? "time" : dimension;
  };
  const isCompared = () => props.table.last()?.question.include?.comparisons !== undefined;
  const order = (): RowOrder => {
    const isByTime = by() === "time";
    const { sort, reversed } = asked();
    const isShown = sort !== "" && (isCompared() || sort === "name" || sort === "value");
    const column = isShown ? sort : isByTime ? "name" : "value";
    return { column, isReversed: isShown && reversed === "yes", isByTime };
  };
  const more = () =>
    (props.table.last()?.answer.meta.total_rows ?? 0) + props.gone.length - results().length;
  return (
    <Show when={props.table.last()}>
      <Show when={results().length > 0} fallback={<p class="empty">No event fits.</p>}>
        <Show when={isCompared() && beforeInWords(props.page.state())}>
          {(words) => <p class="note">Before: {words()}.</p>}
        </Show>
        {/* It scrolls, so the keyboard must reach it. */}
        <div class="answer-scroll" tabindex="0" role="region" aria-label="The answer as a table">
          <table class="answer" classList={{ "is-loading": props.table.isLoading() }}>
            <thead>
              <tr>
                <SortHead {...props} column="name" order={order()}>
                  {by() === "time" ? "Time" : capital(describeDimension(by()), by())}
                </SortHead>
                <SortHead {...props} column="value" order={order()}>
                  {capital(metricTitle(props))}
                </SortHead>
                <Show when={isCompared()}>
                  <SortHead {...props} column="before" order={order()}>
                    Before
                  </SortHead>
                  <SortHead {...props} column="change" order={order()}>
                    Change
                  </SortHead>
                </Show>
                <th scope="col">
                  <span class="visually-hidden">Its events</span>
                </th>
              </tr>
            </thead>
            <tbody>
              <For each={results()}>
                {(result) => <Row {...props} result={result} by={by()} isCompared={isCompared()} />}
              </For>
            </tbody>
          </table>
        </div>
        <Show when={more() > 0}>
          <p class="note">
            The {ROWS_MAX} rows with the greatest values, of{" "}
            {plural(more() + results().length, "row")}.
          </p>
        </Show>
      </Show>
    </Show>
  );
}

/** The head of a column: a click orders the rows by it, another one turns the order around. */
function SortHead(
  props: ExploreParts & {
    readonly column: SortColumn;
    readonly order: RowOrder;
    readonly children: JSX.Element;
  },
) {
  const isSorted = () => props.order.column === props.column;
  const isUp = () => (props.column === "name" && !props.order.isByTime) !== props.order.isReversed;
  const sort = (): void =>
    props.change({
      sort: props.column,
      reversed: isSorted() && !props.order.isReversed ? "yes" : "",
    });
  return (
    <th scope="col" aria-sort={isSorted() ? (isUp() ? "ascending" : "descending") : "none"}>
      <button type="button" class="button-text" title="Order the rows by this" onClick={sort}>
        {props.children}&nbsp;
        <span aria-hidden="true">{isSorted() ? (isUp() ? "▴" : "▾") : "↕"}</span>
      </button>
    </th>
  );
}

/** With a great letter at its start; the name of a property stays as its sender writes it. */
function capital(text: string, dimension = ""): string {
  const isOwn = dimension.startsWith("event:props:");
  return isOwn ? text : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

interface RowProps extends AnswerTableProps {
  readonly result: Result;
  /** The dimension of the result, or `time`. */
  readonly by: string;
}

function Row(props: RowProps & { readonly isCompared: boolean }) {
  const { page, asked } = props;
  const value = () => props.result.dimensions[0] ?? null;
  const name = (): string =>
    props.by === "time"
      ? bucketLabel(readLabel(String(value()), page.zone()), props.scope.window.unit, page.zone())
      : showScalar(value());
  const inUtc = (): string | undefined => {
    if (props.by !== "time") return undefined;
    const { window } = props.scope;
    return barInUtc(window, window.starts.indexOf(readLabel(String(value()), page.zone())));
  };
  const format = (metric: number | null | undefined): string =>
    formatMetric(asked().metric, metric ?? null);
  return (
    <tr>
      <th scope="row" title={inUtc()}>
        <Show when={props.by !== "time"} fallback={name()}>
          <span class="answer-name">
            <Swatch stack={props.stack} name={name()} />
            <span>{name()}</span>
          </span>
        </Show>
      </th>
      <td>
        <Value text={format(props.result.metrics[0])} />
      </td>
      <Show when={props.isCompared}>
        <td>
          <Value text={format(props.result.comparison?.metrics[0])} />
        </td>
        <td>
          <Show when={(props.result.metrics[0] ?? null) !== null}>
            <Change
              percent={props.result.comparison?.change[0] ?? null}
              against="Against the range before"
            />
          </Show>
        </td>
      </Show>
      <td>
        <ViewLink page={page} to={eventsBehind(props)} aria-label={`Events of ${name()}`}>
          Events
        </ViewLink>
      </td>
    </tr>
  );
}

/** The colour of a value in the chart; an empty box when it has none there. */
function Swatch(props: { readonly stack: Stack | null; readonly name: string }) {
  const layer = () => props.stack?.layers.find(({ name }) => name === props.name);
  return (
    <span
      class="swatch-box"
      classList={{ "swatch-none": layer() === undefined }}
      data-series={layer() === undefined ? undefined : seriesOf(layer()?.slot ?? null)}
      aria-hidden="true"
    />
  );
}

/** The events view with the filters and the range that make this row. */
function eventsBehind({ page, by, scope, result, table, gone }: RowProps): Partial<PageState> {
  const value = result.dimensions[0] ?? null;
  if (by === "time") {
    const { unit, fromMs, toMs } = scope.window;
    const startMs = readLabel(String(value), page.zone());
    const endMs = nextStart(startMs, unit, page.zone());
    // The first row may be a part of its hour or day.
    const range = { fromMs: Math.max(startMs, fromMs), toMs: Math.min(endMs, toMs) };
    return { view: "events", range };
  }
  const filter = { operator: "is", dimension: by, values: [value] } as const;
  const filters = addFilter(page.state().filters, filter);
  const [from, to] = table.last()?.answer.meta.comparison?.date_range ?? [];
  // What is gone has its events in the compared range.
  const range = gone.includes(result) ? readRange(`${from}..${to}`) : null;
  return { view: "events", filters, ...(range === null ? {} : { range }) };
}

export function metricTitle({ asked }: ExploreParts): string {
  const { metric, of } = asked();
  return isPlain(metric)
    ? PLAIN_METRICS[metric]
    : `${PROPERTY_METRICS[metric]} ${describeDimension(of)}`;
}
