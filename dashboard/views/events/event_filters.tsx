/** The filters in force, each with a button that takes it away, and a form that adds one. */
import { createSignal, For, type JSX, Show } from "solid-js";
import { addFilter, type Filter, isOperator, OPERATORS, readScalar } from "../../address/filter.ts";
import { showScalar, showText } from "../../panels/show_text.ts";

export interface EventFiltersProps {
  readonly filters: readonly Filter[];
  readonly sessionId: string | null;
  /** Paths of the payloads that are shown, to choose from. */
  readonly paths: readonly string[];
  readonly onFilters: (filters: readonly Filter[]) => void;
  readonly onSession: (sessionId: string | null) => void;
}

export function EventFilters(props: EventFiltersProps) {
  const withoutFilter = (index: number) => props.filters.filter((_, each) => each !== index);
  return (
    <div class="filters">
      <ul
        class="event-chips"
        aria-label="Filters"
        hidden={props.filters.length === 0 && !props.sessionId}
      >
        <Show when={props.sessionId}>
          {(sessionId) => (
            <Chip
              words={`session is ${showText(sessionId())}`}
              onRemove={() => props.onSession(null)}
            />
          )}
        </Show>
        <For each={props.filters}>
          {(filter, index) => (
            <Chip
              words={describe(filter)}
              onRemove={() => props.onFilters(withoutFilter(index()))}
            />
          )}
        </For>
      </ul>
      <AddFilter {...props} />
    </div>
  );
}

function Chip(props: { readonly words: string; readonly onRemove: () => void }) {
  return (
    <li class="event-chip">
      <bdi>{props.words}</bdi>
      <button type="button" aria-label={`Remove: ${props.words}`} onClick={() => props.onRemove()}>
        ×
      </button>
    </li>
  );
}

/** `type is page_view`. */
function describe({ operator, dimension, values }: Filter): string {
  const words = values.map(showScalar).join(" or ");
  return `${nameOf(dimension)} ${OPERATORS[operator]} ${words}`;
}

function nameOf(dimension: string): string {
  if (dimension === "event:name") return "type";
  if (dimension === "event:page") return "path";
  return showText(dimension.replace(/^event:(?:props:)?/, ""));
}

const FIELDS = [
  { value: "event:name", label: "Type" },
  { value: "session", label: "Session" },
  { value: "event:source", label: "Source" },
  { value: "property", label: "Property" },
] as const;

function AddFilter(props: EventFiltersProps) {
  const [field, setField] = createSignal<string>("event:name");
  const submit: JSX.EventHandler<HTMLFormElement, SubmitEvent> = (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const value = text("value");
    if (field() === "session") {
      if (value !== "") props.onSession(value);
    } else {
      const path = text("path");
      const operator = text("operator");
      if (value === "" || (field() === "property" && path === "") || !isOperator(operator)) return;
      const dimension = field() === "property" ? `event:props:${path}` : field();
      const isText = field() !== "property" || !operator.startsWith("is");
      const added = { operator, dimension, values: [isText ? value : readScalar(value)] };
      props.onFilters(addFilter(props.filters, added));
    }
    event.currentTarget.reset();
    setField("event:name");
  };
  return (
    <details class="add-filter">
      <summary>Add a filter</summary>
      <form class="event-filter-form" onSubmit={submit}>
        <label class="field">
          <span>Field</span>
          <select name="field" onChange={(event) => setField(event.currentTarget.value)}>
            <For each={FIELDS}>{(each) => <option value={each.value}>{each.label}</option>}</For>
          </select>
        </label>
        <Show when={field() === "property"}>
          <label class="field">
            <span>Path</span>
            <input name="path" list="seen-paths" autocomplete="off" spellcheck={false} required />
          </label>
          <datalist id="seen-paths">
            <For each={props.paths}>{(path) => <option value={path} />}</For>
          </datalist>
        </Show>
        <Show when={field() !== "session"}>
          <label class="field">
            <span>Comparison</span>
            <select name="operator">
              <For each={Object.entries(OPERATORS)}>
                {([value, label]) => <option value={value}>{label}</option>}
              </For>
            </select>
          </label>
        </Show>
        <label class="field">
          <span>Value</span>
          <input name="value" autocomplete="off" spellcheck={false} required />
        </label>
        <button type="submit" class="button-quiet">
          Add
        </button>
        <Show when={field() === "property"}>
          <p class="field-note">
            A number, true, false or null is taken as such; write "1" for the text.
          </p>
        </Show>
      </form>
    </details>
  );
}
