/** Which values of the payload have a column. */
import { For, type JSX, Show } from "solid-js";
import { showText } from "../../panels/show_text.ts";

export function ColumnChoice(props: {
  readonly paths: readonly string[];
  readonly chosen: readonly string[];
  readonly max: number;
  readonly onChoose: (chosen: readonly string[]) => void;
}) {
  // A chosen one stays in the list when no shown row has it.
  const offered = () => [...new Set([...props.chosen, ...props.paths])];
  const isFull = () => props.chosen.length >= props.max;
  const toggle = (path: string, isChosen: boolean): void => {
    const rest = props.chosen.filter((each) => each !== path);
    props.onChoose(isChosen ? [...rest, path] : rest);
  };
  return (
    <details class="column-choice">
      <summary>Columns</summary>
      <fieldset class="choice-list">
        <legend>Values of the payload, at most {props.max}</legend>
        <For each={offered()} fallback={<p class="empty">The payloads of these rows have none.</p>}>
          {(path) => (
            <label>
              <input
                type="checkbox"
                checked={props.chosen.includes(path)}
                disabled={isFull() && !props.chosen.includes(path)}
                onChange={(event) => toggle(path, event.currentTarget.checked)}
              />
              <bdi>{showText(path)}</bdi>
            </label>
          )}
        </For>
      </fieldset>
      <Show when={!isFull()} fallback={<p class="empty">Take one away to choose another.</p>}>
        <OtherColumn onAdd={(path) => toggle(path, true)} />
      </Show>
    </details>
  );
}

/** A value that none of the shown rows has. */
function OtherColumn(props: { readonly onAdd: (path: string) => void }) {
  const submit: JSX.EventHandler<HTMLFormElement, SubmitEvent> = (event) => {
    event.preventDefault();
    const path = String(new FormData(event.currentTarget).get("path") ?? "").trim();
    event.currentTarget.reset();
    if (path !== "") props.onAdd(path);
  };
  return (
    <form class="other-column" onSubmit={submit}>
      <input
        name="path"
        class="input"
        aria-label="Path of another value"
        placeholder="other, such as cart.total"
        autocomplete="off"
        spellcheck={false}
      />
      <button type="submit" class="button-quiet">
        Add column
      </button>
    </form>
  );
}
