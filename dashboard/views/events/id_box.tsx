/** A box that takes any event id, and opens what is known of it. */
import { createEffect, createSignal, type JSX, Show } from "solid-js";

/** As ingest takes ids; the box says so before anything is asked. */
const EVENT_ID = /^(?!\.+$)[A-Za-z0-9._:-]{1,64}$/;

export function IdBox(props: {
  /** Whether a key has asked for the box. */
  readonly isWanted: boolean;
  readonly onFocused: () => void;
  readonly onOpen: (id: string) => void;
}) {
  const [isWrong, setWrong] = createSignal(false);
  let input: HTMLInputElement | undefined;
  createEffect(() => {
    if (!props.isWanted) return;
    input?.focus();
    input?.select();
    props.onFocused();
  });
  const submit: JSX.EventHandler<HTMLFormElement, SubmitEvent> = (event) => {
    event.preventDefault();
    const id = String(new FormData(event.currentTarget).get("id") ?? "").trim();
    setWrong(!EVENT_ID.test(id));
    if (EVENT_ID.test(id)) props.onOpen(id);
  };
  return (
    <form class="id-box" role="search" onSubmit={submit}>
      <label class="visually-hidden" for="event-id">
        Event id
      </label>
      <input
        id="event-id"
        ref={(element) => {
          input = element;
        }}
        name="id"
        placeholder="Find an event id"
        autocomplete="off"
        spellcheck={false}
        aria-invalid={isWrong()}
        aria-describedby={isWrong() ? "event-id-problem" : undefined}
      />
      <button type="submit" class="button-quiet">
        Find
      </button>
      <Show when={isWrong()}>
        <p id="event-id-problem" class="field-problem" role="alert">
          An event id has 1 to 64 of A-Z a-z 0-9 . _ : -
        </p>
      </Show>
    </form>
  );
}
