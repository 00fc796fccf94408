/** Who is signed in, and the way out; nothing with keys off. */
import { createSignal, Show } from "solid-js";
import { signOut, type Place, type Session } from "./session_requests.ts";

export interface SignOutButtonProps {
  readonly place: Place;
  readonly session: Session | null;
  readonly onSignedOut: (session: Session) => void;
}

export function SignOutButton(props: SignOutButtonProps) {
  const [hasFailed, setFailed] = createSignal(false);
  const leave = async (): Promise<void> => {
    const session = await signOut(props.place);
    setFailed(session === null);
    if (session !== null) props.onSignedOut(session);
  };
  // A key in a header, which a proxy may add, has no session to end.
  const name = () => (props.session?.expiresAt == null ? null : props.session.name);
  return (
    <Show when={name()}>
      {(known) => (
        <button
          type="button"
          class="button-quiet"
          title={`Signed in with the key ${known()}`}
          onClick={() => void leave()}
        >
          {hasFailed() ? "Not signed out, try again" : `Sign out ${known()}`}
        </button>
      )}
    </Show>
  );
}
