/** The change against an earlier range: a sign, a number and words, never a colour alone. */
import { Show } from "solid-js";
import { formatChange } from "./format_change.ts";

export function Change(props: {
  /** Null when there was nothing before. */
  readonly percent: number | null;
  /** What it is compared with. */
  readonly against?: string;
}) {
  return (
    <Show
      when={props.percent !== null}
      fallback={
        <span class="change" title="None in the range before">
          new
        </span>
      }
    >
      <span class="change" title={props.against}>
        <span aria-hidden="true">{sign(props.percent ?? 0)}</span>
        <span class="visually-hidden">{direction(props.percent ?? 0)}</span>{" "}
        {formatChange(props.percent ?? 0)}
      </span>
    </Show>
  );
}

/** The change in percent; null when there was nothing before, and is something now. */
export function changeOf(now: number, before: number): number | null {
  if (before === 0) return now === 0 ? 0 : null;
  return ((now - before) / before) * 100;
}

function sign(percent: number): string {
  if (Math.round(percent) === 0) return "=";
  return percent > 0 ? "▲" : "▼";
}

function direction(percent: number): string {
  if (Math.round(percent) === 0) return "unchanged";
  return percent > 0 ? "up" : "down";
}
