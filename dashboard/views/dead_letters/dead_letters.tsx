/** Dead letters by reason, those of one reason, and one of them opened. */
import { createEffect, createMemo, createSignal, on, Show } from "solid-js";
import { type Answer, createAnswer } from "../../questions/create_answer.ts";
import { isPassing, type Problem } from "../../questions/ask.ts";
import { Empty, Loading, ProblemNote } from "../parts/states.tsx";
import type { ViewProps as PageProps } from "../../shell/page.ts";
import { changeOwn, type OwnChanges } from "../parts/own.ts";
import type { ViewProps } from "../parts/view.ts";
import { LetterDetail } from "./letter_detail.tsx";
import { LetterList } from "./letter_list.tsx";
import type { DeadLetterCodes } from "@tally/shared/dead_letters";
import { ReasonList } from "./reason_list.tsx";
import "../parts/parts.css";
import "./dead_letters.css";

/** The view; its parts take the page field by field. */
export function DeadLetters({ page }: PageProps) {
  return <DeadLettersBody {...page} />;
}

function DeadLettersBody(props: ViewProps) {
  const [again, setAgain] = createSignal(0);
  const refresh = (): void => void setAgain((count) => count + 1);
  // The stream tells when there are more or one is resolved; nothing is asked in between.
  const counts = (): string => {
    const { total, open } = props.stream.frame()?.deadLetters ?? {};
    return `${total} ${open}`;
  };
  createEffect(on(createMemo(counts), refresh, { defer: true }));
  const reasons = createAnswer<string, DeadLetterCodes>({
    question: () => "codes",
    ask: (_, signal) => props.asker.ask({ path: "dead-letters/codes" }, signal),
    again: () => `${again()} ${props.reconnects()}`,
  });
  createEffect(
    on(props.stream.frame, () => {
      if (isPassing(reasons.problem()) && !reasons.isLoading()) refresh();
    }),
  );
  const own = () => props.state().own;
  const setOwn = (changes: OwnChanges): void => props.change({ own: changeOwn(own(), changes) });
  const codes = () => reasons.last()?.answer.codes ?? [];
  const openId = () => own()["letter"] ?? null;
  return (
    <div class="letters-view area-wide">
      <Reasons
        {...props}
        reasons={reasons}
        chosen={own()["code"] ?? null}
        onChoose={(code) => setOwn({ code, after: null, letter: null })}
        onRefresh={refresh}
      />
      <Show when={openId()} keyed>
        {(id) => (
          <LetterDetail
            {...props}
            id={id}
            onClose={() => setOwn({ letter: null })}
            onLetter={(letter) => setOwn({ letter })}
            onResent={refresh}
          />
        )}
      </Show>
      <Show when={codes().length > 0}>
        <LetterList
          {...props}
          code={own()["code"] ?? null}
          after={own()["after"] ?? null}
          openId={openId()}
          again={again}
          onOpen={(letter) => setOwn({ letter })}
          onPage={(after) => setOwn({ after })}
        />
      </Show>
    </div>
  );
}

function Reasons(
  props: ViewProps & {
    readonly reasons: Answer<string, DeadLetterCodes>;
    readonly chosen: string | null;
    readonly onChoose: (code: string | null) => void;
    readonly onRefresh: () => void;
  },
) {
  const codes = () => props.reasons.last()?.answer.codes ?? [];
  return (
    <section class="panel" aria-labelledby="letters-title">
      <header class="view-head">
        <h2 id="letters-title">Dead letters</h2>
        <p class="lead">
          Records that could not become a row. They are set aside whole, never thrown away.
        </p>
      </header>
      <ProblemNote problem={props.reasons.problem()} onRetry={props.onRefresh} />
      <Show
        when={props.reasons.last()}
        fallback={<FirstAnswer problem={props.reasons.problem()} />}
      >
        <Show when={codes().length > 0} fallback={<NoLetters />}>
          <ReasonList {...props} reasons={codes()} onResent={props.onRefresh} />
        </Show>
      </Show>
    </section>
  );
}

function FirstAnswer(props: { readonly problem: Problem | null }) {
  return (
    <Show when={props.problem === null}>
      <Loading what="the reasons" />
    </Show>
  );
}

function NoLetters() {
  return (
    <Empty title="No dead letters">
      <p>Every record of the log could become a row.</p>
    </Empty>
  );
}
