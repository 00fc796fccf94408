/** A time in the zone of the page, with UTC and milliseconds on hover. */
import { Show } from "solid-js";
import type { WallMs } from "@tally/shared/clock";
import { Value } from "./figure.tsx";
import { formatTime, UNKNOWN } from "./format.ts";

export interface MomentProps {
  /** UTC as the processor prints it; null when it is not known. */
  readonly at: string | null | undefined;
  readonly nowMs: WallMs;
  /** IANA name. */
  readonly zone: string;
}

export function Moment(props: MomentProps) {
  return (
    <Show when={props.at} fallback={<Value text={UNKNOWN} />}>
      {(at) => (
        <time class="moment" datetime={at()} title={utcOf(at())}>
          {timeOf({ ...props, at: at() })}
        </time>
      )}
    </Show>
  );
}

/** The words of a time; a year that this browser does not know stays as it was printed. */
export function timeOf({ at, nowMs, zone }: MomentProps & { readonly at: string }): string {
  const ms = Date.parse(at);
  if (!Number.isFinite(ms)) return at;
  return formatTime(ms, { nowMs, zone });
}

function utcOf(at: string): string {
  return `${at.replace("T", " ").replace("Z", "")} UTC`;
}
