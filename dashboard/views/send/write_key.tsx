/** The write key that ingest wants when keys are on. It is in the memory of this page alone. */
import { createSignal, Show } from "solid-js";
import type { Session } from "../../sign_in/session_requests.ts";
import type { Sent } from "../../test_event/send_event.ts";

const [key, setKey] = createSignal("");

/** The key, or undefined when none was typed. */
export function writeKey(): string | undefined {
  return key() === "" ? undefined : key();
}

const KEY_CODES: ReadonlySet<string> = new Set(["key_missing", "key_unknown", "key_scope"]);

/** Whether ingest refused with a code that is about the key. */
export function isAboutKey(code: string | null): boolean {
  return code !== null && KEY_CODES.has(code);
}

/** The code of a refusal, or null. */
export function codeOf(sent: Sent | null): string | null {
  return sent?.kind === "rejected" ? sent.code : null;
}

/** Where keys are on; else when ingest has asked for a key, and once one was typed. */
export function WriteKeyField(props: {
  readonly session: Session | null;
  /** The code of the last refusal, or null. */
  readonly code: string | null;
}) {
  const isWanted = () => props.session?.keysOn ?? false;
  return (
    <Show when={isWanted() || key() !== "" || isAboutKey(props.code)}>
      <label class="field field-wide">
        <span>Write key, kept in the memory of this page only</span>
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={key()}
          aria-invalid={isAboutKey(props.code)}
          onInput={(event) => setKey(event.currentTarget.value.trim())}
        />
      </label>
    </Show>
  );
}
