/** The answers to a question: its table, and the same over time for the chart. */
import { type Accessor, createMemo, createSignal } from "solid-js";
import type { Scalar } from "../../address/filter.ts";
import { showScalar } from "../../panels/show_text.ts";
import { type Answer, createAnswer } from "../../questions/create_answer.ts";
import { NO_MINUTES } from "../../questions/live_minutes.ts";
import { earlierQuestion, goneResults, isEarlierOf } from "../../questions/gone.ts";
import type { QueryAnswer, Question, Result } from "../../questions/question.ts";
import { slotsOf } from "../../questions/slots.ts";
import { type Apart, buildStack, type Stack } from "../../questions/stack.ts";
import {
  isAdditive,
  isPlain,
  partsQuestion,
  type Scope,
  scopeOf,
  tableQuestion,
  timeQuestion,
} from "./asked.ts";
import { askWhenComplete } from "./ask_when_complete.ts";
import type { ExploreParts } from "./parts.ts";
import { nowOf } from "./sentence.tsx";

/** Values with a layer of their own. */
const LAYERS_MAX = 7;

export interface QuestionModel {
  readonly scope: Accessor<Scope>;
  readonly table: Answer<Question, QueryAnswer>;
  /** Rows for values that the compared range had, and the range has not. */
  readonly gone: Accessor<readonly Result[]>;
  readonly stack: Accessor<Stack | null>;
  readonly isLoading: Accessor<boolean>;
  /** The value that a layer of the stack stands for; undefined for the others. */
  readonly valueOf: (name: string) => Scalar | undefined;
  /** Whether the bars can be added up. */
  readonly isSum: Accessor<boolean>;
  readonly askAgain: () => void;
}

export function createQuestion({ page, asked }: ExploreParts): QuestionModel {
  const [again, setAgain] = createSignal(0);
  const scope = createMemo(() => {
    again();
    page.reconnects();
    return scopeOf(page.state(), nowOf(page));
  });
  const ask = (question: () => Question | null) =>
    createAnswer<Question, QueryAnswer>({
      question,
      ask: (body, signal) => page.asker.ask({ path: "api/v2/query", body }, signal),
      again,
    });
  const table = ask(() => tableQuestion(asked(), scope(), page.state()));
  const earlier = ask(() => {
    const now = table.last();
    return now === null || asked().by === "time" ? null : earlierQuestion(now.question, now.answer);
  });
  const whole = ask(() => timeQuestion(asked(), scope()));
  const top = createMemo(() =>
    (table.last()?.answer.results ?? [])
      .slice(0, LAYERS_MAX)
      .map(({ dimensions }) => dimensions[0] ?? null),
  );
  // Until the table is there, the parts would be those of the question before.
  const parts = ask(() => (table.isLoading() ? null : partsQuestion(asked(), scope(), top())));
  const isSum = () => isAdditive(asked());
  const isLoading = () => whole.isLoading() || table.isLoading() || parts.isLoading();
  const askAgain = (): void => void setAgain((count) => count + 1);
  askWhenComplete({ frame: page.stream.frame, answer: table, isLoading, askAgain });
  const stack = createMemo<Stack | null>((before) => {
    const totals = pastOf(whole.last()?.answer);
    if (totals === null) return null;
    // All of it at once: parts of one question over the whole of another are misread.
    if (before !== null && isLoading()) return before;
    const names = asked().by === "time" ? [] : top().map(showScalar);
    return buildStack({
      window: scope().window,
      zone: page.zone(),
      filters: [],
      names,
      nameOf: showScalar,
      slots: slotsOf(asked().by, names),
      hasOthers: (table.last()?.answer.meta.total_rows ?? 0) > names.length,
      wholes: wholesOf(table.last()?.answer),
      ...(isSum() ? {} : { apart: { empty: emptyOf(table.last()?.question) } }),
      totals,
      byName: names.length === 0 ? null : pastOf(parts.last()?.answer),
      live: NO_MINUTES,
    });
  }, null);
  return {
    scope,
    table,
    gone: createMemo(() => {
      const [now, before] = [table.last(), earlier.last()];
      if (now === null || before === null || !isEarlierOf(before, now)) return [];
      return goneResults(now.answer, before.answer, zeroOf(now.question.metrics[0] ?? ""));
    }),
    stack,
    isSum,
    isLoading,
    valueOf: (name) => top().find((value) => showScalar(value) === name),
    askAgain,
  };
}

/** What the table says of each value: the list beside the chart says the same. */
function wholesOf(answer: QueryAnswer | undefined): ReadonlyMap<string, number | null> {
  return new Map(
    answer?.results.map(({ dimensions, metrics }) => [
      showScalar(dimensions[0] ?? null),
      metrics[0] ?? null,
    ]),
  );
}

function emptyOf(question: Question | undefined): Apart["empty"] {
  return zeroOf(question?.metrics[0] ?? "") === 0 ? 0 : null;
}

/** What a metric, as the API names it, is without any event. */
function zeroOf(metric: string): number | null {
  return isPlain(metric) || metric.startsWith("unique:") ? 0 : null;
}

function pastOf(answer: QueryAnswer | undefined) {
  return answer === undefined ? null : { answer, untilMs: null };
}
