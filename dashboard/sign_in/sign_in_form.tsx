/** The sign-in: a key, typed once. The page keeps no copy of it. */
import { createSignal, onMount, Show, type JSX } from "solid-js";
import { Panel } from "../panels/panel.tsx";
import { signIn, type Place, type Session } from "./session_requests.ts";

export interface SignInFormProps {
  readonly place: Place;
  readonly onSignedIn: (session: Session) => void;
}

export function SignInForm(props: SignInFormProps) {
  const [isAsking, setAsking] = createSignal(false);
  const [why, setWhy] = createSignal<string | null>(null);
  let field: HTMLInputElement | undefined;
  onMount(() => field?.focus());

  const ask = async (key: string): Promise<void> => {
    setAsking(true);
    setWhy(null);
    const outcome = await signIn(key, props.place);
    setAsking(false);
    if (outcome.kind === "signed_in") return props.onSignedIn(outcome.session);
    setWhy(outcome.why);
    field?.select();
  };
  const submit: JSX.EventHandler<HTMLFormElement, SubmitEvent> = (event) => {
    event.preventDefault();
    const key = field?.value.trim() ?? "";
    if (key === "") field?.focus();
    else if (!isAsking()) void ask(key);
  };
  return (
    <Panel title="Sign in" area="wide">
      <p class="lead">
        This processor wants a key. An operator makes one with{" "}
        <code>bun run keys create NAME --scope read,operate</code>. A key that may only read shows
        everything and changes nothing.
      </p>
      <form class="form" noValidate onSubmit={submit}>
        <label class="field field-wide">
          <span>Key</span>
          <input
            ref={(element) => {
              field = element;
            }}
            name="key"
            type="password"
            autocomplete="current-password"
            spellcheck={false}
            aria-invalid={why() !== null}
            aria-describedby="sign-in-why"
          />
        </label>
        <button type="submit" class="button" aria-disabled={isAsking()}>
          {isAsking() ? "Signing in" : "Sign in"}
        </button>
      </form>
      <div id="sign-in-why" role="alert">
        <Show when={why()}>
          {(text) => (
            <div class="outcome outcome-bad">
              <p class="outcome-title">Not signed in</p>
              <p>{text()}</p>
            </div>
          )}
        </Show>
      </div>
    </Panel>
  );
}
