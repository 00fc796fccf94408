/** The controls that views share: range, comparison, live or paused, and the filters. */
import { For, Show } from "solid-js";
import type { Comparison } from "../address/page_state.ts";
import { isRangeWord, iso, type Range, RANGE_WORDS } from "../address/range.ts";
import { FilterChips } from "./filter_chips.tsx";
import type { Page } from "./page.ts";

export interface ControlsProps {
  readonly page: Page;
  readonly hasComparison?: boolean;
  /** Whether the view is live, so that it can be paused. */
  readonly isLive?: boolean;
}

export function Controls(props: ControlsProps) {
  return (
    <div class="controls" role="group" aria-label="Range and filters">
      <RangeSelect page={props.page} />
      <Show when={props.hasComparison}>
        <CompareSelect page={props.page} />
      </Show>
      <FilterChips page={props.page} />
      <Show when={props.isLive}>
        <PauseButton page={props.page} />
      </Show>
    </div>
  );
}

export function RangeSelect(props: { readonly page: Page }) {
  const range = () => props.page.state().range;
  const choose = (word: string): void => {
    if (isRangeWord(word)) props.page.change({ range: word });
  };
  return (
    <label class="control">
      <span class="visually-hidden">Range</span>
      <select
        class="select"
        title={fixedInUtc(range())}
        value={rangeValue(range())}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <For each={Object.entries(RANGE_WORDS)}>
          {([word, text]) => (
            <option value={word} selected={word === range()}>
              {text}
            </option>
          )}
        </For>
        <Show when={fixed(props.page)}>
          {(text) => (
            <option value="fixed" selected>
              {text()}
            </option>
          )}
        </Show>
      </select>
    </label>
  );
}

function rangeValue(range: ReturnType<Page["state"]>["range"]): string {
  return typeof range === "string" ? range : "fixed";
}

/** A range between two times in UTC, for its hover text. */
function fixedInUtc(range: Range): string | undefined {
  if (typeof range === "string") return undefined;
  const [from, to] = [range.fromMs, range.toMs].map((ms) => iso(ms).replace("T", " "));
  return `${from} to ${to}`.replaceAll("Z", " UTC");
}

/** A range between two times in words, or null when the range is a word. */
function fixed(page: Page): string | null {
  const { range } = page.state();
  if (typeof range === "string") return null;
  const format = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: page.zone(),
  });
  return format.formatRange(range.fromMs, range.toMs);
}

const COMPARISONS = [
  { value: "previous_period", text: "against the period before" },
  { value: "year_over_year", text: "against a year before" },
  { value: "none", text: "without comparison" },
] as const;

function CompareSelect(props: { readonly page: Page }) {
  const chosen = () => props.page.state().comparison ?? "none";
  const choose = (value: string): void =>
    props.page.change({ comparison: value === "none" ? null : (value as Comparison) });
  return (
    <label class="control">
      <span class="visually-hidden">Comparison</span>
      <select class="select" onChange={(event) => choose(event.currentTarget.value)}>
        <For each={COMPARISONS}>
          {({ value, text }) => (
            <option value={value} selected={value === chosen()}>
              {text}
            </option>
          )}
        </For>
      </select>
    </label>
  );
}

function PauseButton(props: { readonly page: Page }) {
  const isPaused = () => props.page.state().isPaused;
  return (
    <button
      type="button"
      class="button-quiet control-end"
      aria-pressed={isPaused()}
      onClick={() => props.page.change({ isPaused: !isPaused() }, "replace")}
    >
      <span aria-hidden="true">{isPaused() ? "▶" : "❚❚"}</span> {isPaused() ? "Paused" : "Pause"}
    </button>
  );
}
