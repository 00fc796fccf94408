/** One figure with its label and what it means; a dash is spoken as "not known". */
import { type JSX, Show } from "solid-js";
import { UNKNOWN } from "./format.ts";

export interface FigureProps {
  readonly label: string;
  /** The value, already formatted. */
  readonly value: string;
  readonly note?: JSX.Element;
  /** Shown instead of the note when the value is not known. */
  readonly whyUnknown: string;
  /** Line of the chart that belongs to the figure. */
  readonly line?: "received" | "stored" | "archived";
}

export function Figure(props: FigureProps) {
  return (
    <div class="figure">
      <dt class="figure-label">
        <Show when={props.line}>
          {(line) => <span class="swatch" data-line={line()} aria-hidden="true" />}
        </Show>
        {props.label}
      </dt>
      <dd class="figure-body">
        <span class="figure-value">
          <Value text={props.value} />
        </span>
        <span class="figure-note">
          <Show when={props.value !== UNKNOWN} fallback={props.whyUnknown}>
            {props.note}
          </Show>
        </span>
      </dd>
    </div>
  );
}

/** A formatted value; the dash has words for a screen reader. */
export function Value(props: { readonly text: string }) {
  return (
    <Show when={props.text === UNKNOWN} fallback={props.text}>
      <span aria-hidden="true">{UNKNOWN}</span>
      <span class="visually-hidden">not known</span>
    </Show>
  );
}
