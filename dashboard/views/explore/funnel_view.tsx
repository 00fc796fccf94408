/** The funnel: its steps as a sentence, and how many came how far. */
import { createMemo, createSignal, For, Show } from "solid-js";
import { type Filter } from "../../address/filter.ts";
import { askFunnel, describeOutcome } from "../../questions/ask.ts";
import { createAnswer } from "../../questions/create_answer.ts";
import type { FunnelStep } from "../../questions/question.ts";
import { formatCount, formatDuration } from "../../panels/format.ts";
import { Controls } from "../../shell/controls.tsx";
import { describeDimension, describeFilter } from "../../shell/filter_chips.tsx";
import { FilterForm } from "../../shell/filter_form.tsx";
import { PropertyChoice } from "../../shell/property_choice.tsx";
import { ViewLink } from "../../shell/view_link.tsx";
import { About } from "./about.tsx";
import { askWhenComplete } from "./ask_when_complete.ts";
import { type Asked, funnelQuestion, scopeOf, STEPS_MAX, WINDOWS } from "./asked.ts";
import { CopyButtons } from "./copy_buttons.tsx";
import type { ExploreParts } from "./parts.ts";
import { Choice, createValues, dimensionsOf, named, nowOf, Where } from "./sentence.tsx";

export function FunnelView(props: ExploreParts) {
  const { page, asked } = props;
  const [again, setAgain] = createSignal(0);
  const scope = createMemo(() => (again(), page.reconnects(), scopeOf(page.state(), nowOf(page))));
  const funnel = createAnswer({
    question: () => funnelQuestion(asked(), scope()),
    ask: (question, signal) => askFunnel(page.asker, question, signal),
    again,
  });
  const askAgain = (): void => void setAgain((count) => count + 1);
  const { isLoading } = funnel;
  askWhenComplete({ frame: page.stream.frame, answer: funnel, isLoading, askAgain });
  return (
    <>
      <FunnelSentence {...props} />
      <Show when={funnel.problem()}>
        {(problem) => (
          <p class="notice" role="alert">
            {describeOutcome(problem())}
          </p>
        )}
      </Show>
      <Show
        when={asked().steps.length >= 2}
        fallback={<p class="empty">Add two steps or more, in the order in which they happen.</p>}
      >
        <ol class="funnel" classList={{ "is-loading": funnel.isLoading() }}>
          <For each={funnel.last()?.answer.results ?? []}>
            {(step) => <StepBar {...props} step={step} />}
          </For>
        </ol>
        <About table={funnel} page={page} onAgain={askAgain} />
        <CopyButtons
          page={page}
          path="api/v2/funnel"
          body={funnel.last()?.question ?? null}
          hasCsv={false}
        />
      </Show>
    </>
  );
}

function FunnelSentence(props: ExploreParts) {
  const { page, asked, change } = props;
  return (
    <div class="sentence">
      <Steps {...props} />
      <p class="sentence-line">
        <span>within</span>
        <Choice
          label="Longest time from the first step to the last"
          value={asked().window}
          options={Object.entries(WINDOWS)}
          onChoose={(window) => change({ window })}
        />
        <span>of one</span>
        <PropertyChoice
          label="Who goes through the steps"
          value={asked().who}
          options={[["session", "session"], ...named([...props.properties(), whoOf(asked())])]}
          onChoose={(who) => change({ who })}
        />
      </p>
      <Where {...props} />
      <Controls page={page} />
    </div>
  );
}

/** The property that one goes by; empty for a session. */
function whoOf({ who }: Asked): string {
  return who === "session" ? "" : who;
}

/** What goes through the steps: "sessions". */
function unitOf(asked: Asked, count: number): string {
  const who = whoOf(asked);
  if (who !== "") return `different values of ${describeDimension(who)}`;
  return count === 1 ? "session" : "sessions";
}

function Steps(props: ExploreParts) {
  const { asked, change } = props;
  const values = createValues(props);
  const remove = (step: Filter): void =>
    change({ steps: asked().steps.filter((other) => other !== step) });
  return (
    <>
      <ol class="chips" aria-label="Steps">
        <For each={asked().steps}>
          {(step, index) => (
            <li class="chip">
              {index() + 1}. {describeFilter(step)}
              <button
                type="button"
                class="chip-remove"
                aria-label={`Remove step ${index() + 1}: ${describeFilter(step)}`}
                onClick={() => remove(step)}
              >
                ×
              </button>
            </li>
          )}
        </For>
      </ol>
      <Show when={asked().steps.length < STEPS_MAX}>
        <div class="sentence-line">
          <span>{asked().steps.length === 0 ? "First" : "then"}</span>
          <FilterForm
            dimensions={dimensionsOf(asked(), props)}
            valuesOf={values.valuesOf}
            onDimension={values.setDimension}
            action="Add step"
            onAdd={(step) => change({ steps: [...asked().steps, step] })}
          />
        </div>
      </Show>
    </>
  );
}

function StepBar(props: ExploreParts & { readonly step: FunnelStep }) {
  const { page, asked } = props;
  const filter = () => asked().steps[props.step.step - 1];
  return (
    <li class="funnel-step">
      <p class="funnel-name">
        {props.step.step}. {filter() === undefined ? "" : describeFilter(filter() as Filter)}
      </p>
      <progress
        class="bar-track funnel-bar"
        max={100}
        value={props.step.percentage ?? 0}
        aria-hidden="true"
      />
      <p class="funnel-figures">
        <strong>{formatCount(props.step.count)}</strong> {unitOf(asked(), props.step.count)},{" "}
        {percent(props.step.percentage)} of the first
        <Show when={props.step.step > 1}>
          , {percent(props.step.step_percentage)} of the step before
          <Show when={props.step.median_seconds !== null}>
            , half of them within {formatDuration(props.step.median_seconds)}
          </Show>
        </Show>
        {". "}
        <Show when={filter()}>
          {(step) => (
            <ViewLink
              page={page}
              to={{ view: "events", filters: [...page.state().filters, step()] }}
            >
              Events
            </ViewLink>
          )}
        </Show>
      </p>
    </li>
  );
}

function percent(value: number | null): string {
  return value === null ? "–" : `${value} %`;
}
