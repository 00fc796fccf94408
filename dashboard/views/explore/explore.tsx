/** The analyst's view: a question as a sentence of controls, its answer as chart and table. */
import { createMemo, Show } from "solid-js";
import type { EventsPage } from "@tally/shared/stored_events";
import { createAnswer } from "../../questions/create_answer.ts";
import { Panel } from "../../panels/panel.tsx";
import type { Page, ViewProps } from "../../shell/page.ts";
import { ViewLink } from "../../shell/view_link.tsx";
import { numbersOf, propertiesOf } from "../../questions/properties.ts";
import { type Asked, changeAsked, readAsked, writeAsked } from "./asked.ts";
import { FunnelView } from "./funnel_view.tsx";
import { QuestionView } from "./question_view.tsx";

/** Rows in which properties are looked for. // chosen */
const SAMPLE_ROWS = 200;

export function Explore(props: ViewProps) {
  const { page } = props;
  const asked = createMemo(() => readAsked(page.state().own));
  const sample = createAnswer({
    question: () => ({ path: `events?limit=${SAMPLE_ROWS}` }),
    ask: (question, signal) => page.asker.ask<EventsPage>(question, signal),
  });
  const rows = () => sample.last()?.answer.events ?? [];
  const properties = createMemo(() => propertiesOf(rows()));
  const numbers = createMemo(() => numbersOf(rows()));
  const change = (changes: Partial<Asked>): void =>
    page.change({ own: writeAsked(changeAsked(asked(), changes)) });
  const parts = { page, asked, change, properties, numbers };
  return (
    <Panel title="Question" area="wide">
      <FormTabs page={page} asked={asked()} />
      <Show when={asked().form === "funnel"} fallback={<QuestionView {...parts} />}>
        <FunnelView {...parts} />
      </Show>
    </Panel>
  );
}

function FormTabs(props: { readonly page: Page; readonly asked: Asked }) {
  const tab = (form: Asked["form"], text: string) => (
    <ViewLink
      class="tab"
      page={props.page}
      to={{ own: writeAsked({ ...props.asked, form }) }}
      aria-current={props.asked.form === form ? "true" : undefined}
    >
      {text}
    </ViewLink>
  );
  return (
    <nav class="tabs" aria-label="Form of the question">
      {tab("question", "How much")}
      {tab("funnel", "How far (funnel)")}
    </nav>
  );
}
