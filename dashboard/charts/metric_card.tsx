/** A figure with its history as a small line, and its change against before. */
import { type JSX, Show } from "solid-js";
import { Value } from "../panels/figure.tsx";
import { Sparkline } from "./sparkline.tsx";

export interface MetricCardProps {
  readonly label: string;
  /** What the figure is, in plain words; shown on hover. */
  readonly hover: string;
  /** Already formatted. */
  readonly value: string;
  readonly history: readonly (number | null)[];
  /** The time of the line: "in the range". */
  readonly span: string;
  /** The change, or why there is none. */
  readonly note: JSX.Element;
  readonly level?: "bad" | "notice";
  readonly isLoading?: boolean;
}

export function MetricCard(props: MetricCardProps) {
  return (
    <div
      class="card"
      data-level={props.level}
      classList={{ "is-loading": props.isLoading ?? false }}
    >
      <dt class="card-label" title={props.hover}>
        {props.label}
        <Show when={props.level}>
          {(level) => <span class="card-level">{level() === "bad" ? "×" : "!"}</span>}
        </Show>
      </dt>
      <dd class="card-body">
        <span class="card-value" title={props.hover}>
          <Value text={props.value} />
        </span>
        <span title={`${props.label} ${props.span}`}>
          <Sparkline values={props.history} />
        </span>
        <span class="card-note">{props.note}</span>
      </dd>
    </div>
  );
}
