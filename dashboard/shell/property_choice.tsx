/** A list of properties, and a field for one that the newest events have not. */
import { createSignal, For, type JSX, Show } from "solid-js";
import { dimensionOf } from "../questions/properties.ts";

export interface PropertyChoiceProps {
  readonly label: string;
  readonly value: string;
  /** Values of the list, and how each is said. */
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChoose: (value: string) => void;
}

/** No property has this name: a dimension has a colon. */
const OTHER = "other";

export function PropertyChoice(props: PropertyChoiceProps) {
  const [isTyped, setTyped] = createSignal(false);
  const choose = (value: string): void => {
    if (value === OTHER) setTyped(true);
    else props.onChoose(value);
  };
  const take = (text: string): void => {
    // The field that goes away loses the focus, too: it has been taken then.
    if (!isTyped()) return;
    setTyped(false);
    const path = text.trim();
    if (path !== "") props.onChoose(dimensionOf(path));
  };
  return (
    <Show
      when={isTyped()}
      fallback={
        <select
          class="select"
          aria-label={props.label}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <For each={props.options}>
            {([value, text]) => (
              <option value={value} selected={value === props.value}>
                {text}
              </option>
            )}
          </For>
          <option value={OTHER}>other property ...</option>
        </select>
      }
    >
      <PathField label={props.label} onTake={take} />
    </Show>
  );
}

/** Enter or leaving the field takes the path; Escape goes back to the list. */
function PathField(props: { readonly label: string; readonly onTake: (text: string) => void }) {
  const press: JSX.EventHandler<HTMLInputElement, KeyboardEvent> = (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    // The form around it is sent by its own button.
    event.preventDefault();
    props.onTake(event.key === "Enter" ? event.currentTarget.value : "");
  };
  return (
    <input
      class="input"
      aria-label={`${props.label}: path of a property`}
      placeholder="such as cart.total"
      autocomplete="off"
      spellcheck={false}
      ref={(field) => queueMicrotask(() => field.focus())}
      onKeyDown={press}
      onBlur={(event) => props.onTake(event.currentTarget.value)}
    />
  );
}
