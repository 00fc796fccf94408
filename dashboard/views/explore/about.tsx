/** How far an answer can be trusted, in words, and a way to ask again. */
import { For, Show } from "solid-js";
import { aboutAnswer } from "../../questions/about_answer.ts";
import type { Answer } from "../../questions/create_answer.ts";
import type { FunnelAnswer, QueryAnswer } from "../../questions/question.ts";
import type { Page } from "../../shell/page.ts";

export function About(props: {
  readonly page: Page;
  readonly table: Answer<unknown, QueryAnswer | FunnelAnswer>;
  readonly onAgain: () => void;
}) {
  const sentences = () => {
    const answer = props.table.last()?.answer;
    if (answer === undefined) return [];
    const { meta } = answer;
    const { exact } = meta;
    const isExact = typeof exact === "boolean" ? exact : Object.values(exact).every(Boolean);
    // The answer speaks of the moment at which it was given.
    return aboutAnswer(meta, { nowMs: props.page.nowMs(), zone: props.page.zone(), isExact });
  };
  return (
    <div class="about">
      <Show when={props.table.last()}>
        <ul class="about-list" aria-label="About this answer">
          <For each={sentences()}>{({ text, hover }) => <li title={hover}>{text}</li>}</For>
        </ul>
      </Show>
      <button type="button" class="button-quiet" onClick={() => props.onAgain()}>
        {props.table.isLoading() ? "Asking" : "Ask again"}
      </button>
    </div>
  );
}
