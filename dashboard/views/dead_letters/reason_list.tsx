/** The reasons for dead letters, each with its times, what it means, and the resend of all. */
import { createSignal, For, Show } from "solid-js";
import { plural } from "../../panels/format.ts";
import { Moment } from "../../panels/moment.tsx";
import type { ViewProps } from "../parts/view.ts";
import type { DeadLetterCode } from "@tally/shared/dead_letters";
import { adviceOf } from "./advice.ts";
import { countsOf, openOf } from "./letters.ts";
import { ResendAll } from "./resend_all.tsx";

export interface ReasonListProps extends ViewProps {
  readonly reasons: readonly DeadLetterCode[];
  readonly chosen: string | null;
  readonly onChoose: (code: string | null) => void;
  readonly onResent: () => void;
}

export function ReasonList(props: ReasonListProps) {
  // The code that a resend of all is open for: it stays while its figures change.
  const [resending, setResending] = createSignal<string | null>(null);
  return (
    <ul class="reasons">
      <For each={props.reasons.map(({ code }) => code)}>
        {(code) => (
          <Reason
            {...props}
            code={code}
            isResending={resending() === code}
            onResending={(isOpen) => setResending(isOpen ? code : null)}
          />
        )}
      </For>
    </ul>
  );
}

function Reason(
  props: ReasonListProps & {
    readonly code: string;
    readonly isResending: boolean;
    readonly onResending: (isOpen: boolean) => void;
  },
) {
  const reason = () => props.reasons.find(({ code }) => code === props.code);
  const isChosen = () => props.chosen === props.code;
  const open = () => {
    const known = reason();
    return known === undefined ? 0 : openOf(known);
  };
  return (
    <li class="reason" data-chosen={isChosen()}>
      <div class="reason-head">
        <button
          type="button"
          class="reason-name"
          aria-pressed={isChosen()}
          onClick={() => props.onChoose(isChosen() ? null : props.code)}
        >
          <code>{props.code}</code>
        </button>
        <Show when={reason()}>
          {(known) => (
            <p class="reason-count">
              <strong>{countsOf(known()).open}</strong> open
              <span class="reason-others"> · {countsOf(known()).others}</span>
            </p>
          )}
        </Show>
        <Show when={open() > 0 && !props.isResending}>
          <button type="button" class="button-quiet" onClick={() => props.onResending(true)}>
            Send all again
          </button>
        </Show>
      </div>
      <p class="reason-meaning">
        {adviceOf(props.code).meaning} {adviceOf(props.code).action}
      </p>
      <p class="reason-times">
        First seen <Moment at={reason()?.firstSeen} nowMs={props.nowMs()} zone={props.zone()} />,
        last seen <Moment at={reason()?.lastSeen} nowMs={props.nowMs()} zone={props.zone()} />
      </p>
      <Show when={props.isResending}>
        <ResendAll
          {...props}
          code={props.code}
          open={open()}
          words={plural(open(), "open dead letter")}
          onClose={() => props.onResending(false)}
        />
      </Show>
    </li>
  );
}
