/** Hands the keys of the document to the keyboard map for as long as the owner lives. */
import { type Accessor, onCleanup } from "solid-js";
import type { Clock } from "../stream/stream.ts";
import { type Command, type Pending, readKey } from "./keyboard.ts";

export function listenForKeys(
  clock: Pick<Clock, "now">,
  isOn: Accessor<boolean>,
  act: (command: Command) => void,
): void {
  let pending: Pending = null;
  const listen = (event: KeyboardEvent): void => {
    // An open dialog or list has taken the key for itself.
    if (event.defaultPrevented || !isOn() || document.querySelector("dialog[open]") !== null)
      return;
    const read = readKey(
      {
        key: event.key,
        atMs: clock.now(),
        hasModifier: event.ctrlKey || event.altKey || event.metaKey,
        isTyping: isTyping(event.target),
      },
      pending,
    );
    pending = read.pending;
    if (read.command === null) return;
    event.preventDefault();
    act(read.command);
  };
  addEventListener("keydown", listen);
  onCleanup(() => removeEventListener("keydown", listen));
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
