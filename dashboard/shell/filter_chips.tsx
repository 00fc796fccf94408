/** The filters in words; each can be taken away, and all at once. */
import { For, Show } from "solid-js";
import { type Filter, OPERATORS } from "../address/filter.ts";
import { showScalar, showText } from "../panels/show_text.ts";
import type { Page } from "./page.ts";

export function FilterChips(props: { readonly page: Page }) {
  const filters = () => props.page.state().filters;
  const remove = (filter: Filter): void =>
    props.page.change({ filters: filters().filter((other) => other !== filter) });
  return (
    <Show when={filters().length > 0}>
      <ul class="chips" aria-label="Filters">
        <For each={filters()}>
          {(filter) => (
            <li class="chip">
              {describeFilter(filter)}
              <button
                type="button"
                class="chip-remove"
                aria-label={`Remove the filter: ${describeFilter(filter)}`}
                onClick={() => remove(filter)}
              >
                ×
              </button>
            </li>
          )}
        </For>
      </ul>
      <button
        type="button"
        class="button-quiet"
        title="Esc"
        onClick={() => props.page.change({ filters: [] })}
      >
        Clear
      </button>
    </Show>
  );
}

/** "event type is page_view or click". */
export function describeFilter({ operator, dimension, values }: Filter): string {
  const words = values.map(showScalar).join(" or ");
  return `${describeDimension(dimension)} ${OPERATORS[operator]} ${words}`;
}

/** A dimension as people say it. */
export function describeDimension(dimension: string): string {
  if (dimension === "event:name") return "event type";
  if (dimension === "event:source") return "source";
  if (dimension === "event:page") return "path";
  return showText(dimension.replace(/^event:props:/, ""));
}
