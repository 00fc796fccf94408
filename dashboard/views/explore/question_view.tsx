/** The question, and its answer as chart, table and words. */
import { createSignal, Show } from "solid-js";
import { joinFilter } from "../../address/filter.ts";
import { StackedChart } from "../../charts/stacked_chart.tsx";
import { TypeList } from "../../charts/type_list.tsx";
import { describeOutcome } from "../../questions/ask.ts";
import type { Stack } from "../../questions/stack.ts";
import { describeDimension } from "../../shell/filter_chips.tsx";
import { About } from "./about.tsx";
import { AnswerTable, metricTitle } from "./answer_table.tsx";
import { metricName, needsNumbers } from "./asked.ts";
import { CopyButtons } from "./copy_buttons.tsx";
import { formatMetric } from "./format_metric.ts";
import type { ExploreParts } from "./parts.ts";
import { createQuestion, type QuestionModel } from "./question_model.ts";
import { Sentence } from "./sentence.tsx";

export function QuestionView(props: ExploreParts) {
  const { page, asked } = props;
  const model = createQuestion(props);
  const { table, stack } = model;
  const hasNoNumbers = () => {
    const { metric, of } = asked();
    return needsNumbers(metric) && props.properties().includes(of) && !props.numbers().has(of);
  };
  return (
    <>
      <Sentence {...props} />
      <Show when={metricName(asked()) === null}>
        <p class="empty">No property has been seen yet: this metric needs one.</p>
      </Show>
      <Show when={hasNoNumbers()}>
        <p class="notice" role="status">
          No number was seen in {describeDimension(asked().of)}: choose a property that holds
          numbers.
        </p>
      </Show>
      <Show when={table.problem()}>
        {(problem) => (
          <p class="notice" role="alert">
            {describeOutcome(problem())}
          </p>
        )}
      </Show>
      <Show when={table.problem() === null && stack()}>
        {(known) => <Chart {...props} model={model} stack={known()} />}
      </Show>
      <AnswerTable
        {...props}
        table={table}
        gone={model.gone()}
        stack={stack()}
        scope={model.scope()}
      />
      <About table={table} page={page} onAgain={model.askAgain} />
      <CopyButtons page={page} path="api/v2/query" body={table.last()?.question ?? null} />
    </>
  );
}

function Chart(props: ExploreParts & { readonly model: QuestionModel; readonly stack: Stack }) {
  const { page, asked, model } = props;
  const [point, setPoint] = createSignal<number | null>(null);
  const shown = () => {
    const index = point();
    return index === null || index >= props.stack.window.starts.length ? null : index;
  };
  const format = (value: number | null): string => formatMetric(asked().metric, value);
  const pick = (name: string | null): void => {
    const value = name === null ? undefined : model.valueOf(name);
    if (value === undefined) return;
    const filter = { operator: "is", dimension: asked().by, values: [value] } as const;
    page.change({ filters: joinFilter(page.state().filters, filter) });
  };
  const hasList = () => asked().by !== "time" && props.stack.layers.length > 0;
  /** Its whole is always 100 %. */
  const isShare = () => asked().metric === "percentage";
  const isCount = () => ["events", "sessions", "pageviews"].includes(asked().metric);
  return (
    <div class="answer-chart" classList={{ "has-list": hasList() }}>
      <StackedChart
        stack={props.stack}
        zone={page.zone()}
        completeMs={parseTime(model.table.last()?.answer.meta.complete_up_to)}
        what={metricTitle(props)}
        hasTotal={model.isSum() && !isShare()}
        unit={isShare() ? " %" : ""}
        {...(isCount() ? {} : { format })}
        isLoading={model.isLoading()}
        point={shown()}
        onPoint={setPoint}
        onZoom={(range) => page.change({ range })}
        onPick={pick}
      />
      <Show when={hasList()}>
        <TypeList
          what={metricTitle(props)}
          stack={props.stack}
          point={shown()}
          format={format}
          onPick={pick}
        />
      </Show>
    </div>
  );
}

function parseTime(time: string | null | undefined): number | null {
  return time === null || time === undefined ? null : Date.parse(time);
}
