/** The list of keys; they can be switched off, because some input devices type by accident. */
import { createEffect, For } from "solid-js";
import type { ViewName } from "../address/page_state.ts";
import { VIEW_KEYS } from "./keyboard.ts";
import type { Preferences } from "./preferences.ts";

export function ShortcutsDialog(props: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly preferences: Preferences;
  readonly titles: ReadonlyMap<ViewName, string>;
}) {
  let dialog: HTMLDialogElement | undefined;
  createEffect(() => {
    if (props.isOpen) dialog?.showModal();
    else dialog?.close();
  });
  const keys = () => [
    ...Object.entries(VIEW_KEYS).map(([key, view]) => ({
      keys: ["g", key],
      what: props.titles.get(view) ?? view,
    })),
    { keys: ["/"], what: "Find an event by its id" },
    { keys: ["Esc"], what: "Clear the filters" },
    { keys: ["?"], what: "This list" },
  ];
  return (
    <dialog
      class="dialog"
      aria-labelledby="shortcuts-title"
      ref={(element) => {
        dialog = element;
      }}
      onClose={() => props.onClose()}
    >
      <h2 id="shortcuts-title" class="dialog-title">
        Keyboard
      </h2>
      <dl class="shortcuts">
        <For each={keys()}>
          {(row) => (
            <div>
              <dt>
                <For each={row.keys}>{(key) => <kbd>{key}</kbd>}</For>
              </dt>
              <dd>{row.what}</dd>
            </div>
          )}
        </For>
      </dl>
      <p class="note">In a chart: arrow keys move from bar to bar, Enter zooms into one.</p>
      <label class="check">
        <input
          type="checkbox"
          checked={props.preferences.hasShortcuts()}
          onChange={(event) => props.preferences.setShortcuts(event.currentTarget.checked)}
        />
        Shortcuts on
      </label>
      <button type="button" class="button" onClick={() => props.onClose()}>
        Close
      </button>
    </dialog>
  );
}
