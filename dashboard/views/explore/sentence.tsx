/** The question as a sentence of controls. */
import { createSignal, For, type JSX, Show } from "solid-js";
import { joinFilter, type Scalar } from "../../address/filter.ts";
import { createAnswer } from "../../questions/create_answer.ts";
import { askQuery } from "../../questions/ask.ts";
import { Controls } from "../../shell/controls.tsx";
import { describeDimension } from "../../shell/filter_chips.tsx";
import { FilterForm } from "../../shell/filter_form.tsx";
import { PropertyChoice } from "../../shell/property_choice.tsx";
import {
  type Asked,
  isOfProperty,
  isPlain,
  offeredTo,
  PLAIN_METRICS,
  PROPERTY_METRICS,
  propertyFor,
  scopeOf,
} from "./asked.ts";
import type { ExploreParts } from "./parts.ts";

export function Sentence(props: ExploreParts) {
  const { asked, change } = props;
  const offered = () => offeredTo(asked().metric, props.properties(), props.numbers());
  const metric = (text: string): void => {
    if (!isPlain(text) && !isOfProperty(text)) return;
    const seen = { properties: props.properties(), numbers: props.numbers() };
    change({ metric: text, of: isPlain(text) ? "" : propertyFor(text, asked().of, seen) });
  };
  return (
    <div class="sentence">
      <p class="sentence-line">
        <span>Show</span>
        <Choice
          label="Metric"
          value={asked().metric}
          options={Object.entries({ ...PLAIN_METRICS, ...PROPERTY_METRICS })}
          onChoose={metric}
        />
        <Show when={isOfProperty(asked().metric)}>
          <PropertyChoice
            label="Property of the metric"
            value={asked().of}
            options={named([...offered(), asked().of])}
            onChoose={(of) => change({ of })}
          />
        </Show>
        <span>by</span>
        <PropertyChoice
          label="By"
          value={asked().by}
          options={[["time", "time"], ...named(dimensionsOf(asked(), props))]}
          onChoose={(by) => change({ by })}
        />
      </p>
      <Where {...props} />
      <Controls page={props.page} hasComparison />
    </div>
  );
}

/** "where …": a filter to add; those that are there stand with the range. */
export function Where(props: ExploreParts): JSX.Element {
  const { page } = props;
  const values = createValues(props);
  return (
    <div class="sentence-line">
      <span>where</span>
      <FilterForm
        dimensions={dimensionsOf(props.asked(), props)}
        valuesOf={values.valuesOf}
        onDimension={values.setDimension}
        action="Add filter"
        onAdd={(filter) => page.change({ filters: joinFilter(page.state().filters, filter) })}
      />
    </div>
  );
}

/** Values of a dimension that are in the range, most frequent first. */
export function createValues({ page }: ExploreParts) {
  const [dimension, setDimension] = createSignal("event:name");
  const answer = createAnswer({
    question: () => {
      const { range, zone } = scopeOf({ ...page.state(), filters: [] }, nowOf(page));
      return {
        metrics: ["events"],
        dimensions: [dimension()],
        date_range: range,
        timezone: zone,
        pagination: { limit: VALUES_OFFERED },
      };
    },
    ask: (question, signal) => askQuery(page.asker, question, signal),
  });
  const valuesOf = (wanted: string): readonly Scalar[] => {
    const last = answer.last();
    if (last === null || last.question.dimensions[0] !== wanted) return [];
    return last.answer.results.flatMap(({ dimensions }) => dimensions[0] ?? []);
  };
  return { valuesOf, setDimension };
}

const VALUES_OFFERED = 100;

/** The present without following it: a question is asked when something is chosen. */
export function nowOf(page: ExploreParts["page"]): { nowMs: number; zone: string } {
  return { nowMs: page.clock.wallNow(), zone: page.zone() };
}

export function dimensionsOf({ by }: Asked, { properties }: ExploreParts): string[] {
  const fixed = ["event:name", "event:page", "event:source"];
  return [...new Set([...fixed, ...properties(), ...(by === "time" ? [] : [by])])];
}

export function named(dimensions: readonly string[]): [string, string][] {
  const different = new Set(dimensions.filter((each) => each !== ""));
  return [...different].map((each) => [each, describeDimension(each)]);
}

export function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChoose: (value: string) => void;
}) {
  return (
    <select
      class="select"
      aria-label={props.label}
      onChange={(event) => props.onChoose(event.currentTarget.value)}
    >
      <For each={props.options}>
        {([value, text]) => (
          <option value={value} selected={value === props.value}>
            {text}
          </option>
        )}
      </For>
    </select>
  );
}
