/** The layers of a chart as a list: its legend, and a way to filter by a type. */
import { Index, Show } from "solid-js";
import { formatCount } from "../panels/format.ts";
import { showText } from "../panels/show_text.ts";
import type { GoneValue } from "../questions/gone.ts";
import { SLOTS } from "../questions/slots.ts";
import type { Layer, Stack } from "../questions/stack.ts";
import { Change } from "./change.tsx";

export interface TypeListProps {
  readonly stack: Stack;
  /** The bar whose values are shown, or null for those of the whole range. */
  readonly point: number | null;
  /** Changes against the range before by type, in percent; absent without a comparison. */
  readonly changes?: ReadonlyMap<string, number | null>;
  /** Those that the range before had alone. */
  readonly gone?: readonly GoneValue[];
  /** What is counted, for its hover text. */
  readonly what: string;
  /** How a value is written; counts when absent. */
  readonly format?: (value: number | null) => string;
  readonly onPick: (name: string | null) => void;
  /** Whether it is only looked at: the names are text. */
  readonly isInert?: boolean;
}

export function TypeList(props: TypeListProps) {
  const countOf = ({ values, total }: Layer): number | null =>
    props.point === null ? total : (values[props.point] ?? null);
  const most = () => Math.max(...props.stack.layers.map((layer) => countOf(layer) ?? 0)) || 1;
  return (
    <ul class="bars" aria-label="Event types">
      {/* By place: the layers are new ones each second, and a button must keep the focus. */}
      <Index each={props.stack.layers}>
        {(layer) => <TypeBar {...props} layer={layer()} count={countOf(layer())} most={most()} />}
      </Index>
      <Index each={(props.gone ?? []).slice(0, GONE_MAX)}>
        {(gone) => <GoneBar {...props} value={gone()} />}
      </Index>
      <Show when={(props.gone?.length ?? 0) > GONE_MAX}>
        <li class="note">
          and {formatCount((props.gone?.length ?? 0) - GONE_MAX)} more with none now
        </li>
      </Show>
    </ul>
  );
}

interface TypeBarProps extends TypeListProps {
  readonly layer: Layer;
  readonly count: number | null;
  readonly most: number;
}

/** Rows for those that are gone. // chosen */
const GONE_MAX = 5;

function GoneBar(props: TypeListProps & { readonly value: GoneValue }) {
  const name = () => String(props.value.value);
  const format = (value: number | null): string => (props.format ?? formatCount)(value);
  return (
    <li
      class="bar bar-gone"
      title={`${props.what}: ${format(props.value.before)} in the range before, none now`}
    >
      <span class="bar-name">
        <span class="swatch-box swatch-none" aria-hidden="true" />
        <TypeName {...props} name={name()} />
      </span>
      <span class="bar-count">{format(0)}</span>
      <Change percent={-100} />
    </li>
  );
}

/** The name as a way to filter by it. */
function TypeName(props: TypeListProps & { readonly name: string }) {
  return (
    <Show when={!props.isInert} fallback={showText(props.name)}>
      <button
        type="button"
        class="button-text"
        title={`Only ${showText(props.name)}`}
        onClick={() => props.onPick(props.name)}
      >
        {showText(props.name)}
      </button>
    </Show>
  );
}

function TypeBar(props: TypeBarProps) {
  const series = () => seriesOf(props.layer.slot);
  return (
    <li class="bar" classList={{ "bar-other": props.layer.name === null }}>
      <span class="bar-name">
        <span class="swatch-box" data-series={series()} aria-hidden="true" />
        <Show when={props.layer.name} fallback="other">
          {(name) => <TypeName {...props} name={name()} />}
        </Show>
      </span>
      <span
        class="bar-count"
        title={`${props.what}: ${(props.format ?? formatCount)(props.count)}`}
      >
        {(props.format ?? formatCount)(props.count)}
      </span>
      <Show when={props.changes}>
        {(changes) => (
          // The changes are those of the whole range, not of one bar.
          <TypeChange name={props.point === null ? props.layer.name : null} changes={changes()} />
        )}
      </Show>
      <progress
        class="bar-track"
        data-series={series()}
        aria-hidden="true"
        max={props.most}
        value={Math.max(0, props.count ?? 0)}
      />
    </li>
  );
}

/** Empty for the others, and for a type that came after the question. */
function TypeChange(props: {
  readonly name: string | null;
  readonly changes: ReadonlyMap<string, number | null>;
}) {
  const percent = () => (props.name === null ? undefined : props.changes.get(props.name));
  return (
    <Show when={percent() !== undefined} fallback={<span class="change" />}>
      <Change percent={percent() ?? null} against="Against the range before" />
    </Show>
  );
}

/** Names the colour of a layer: `--series-1` and so on. */
export function seriesOf(slot: number | null): string {
  return slot === null ? "other" : String((slot % SLOTS) + 1);
}
