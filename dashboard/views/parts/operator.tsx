/** Whether this viewer may change something, and the words when not. */
import { type Accessor, Show } from "solid-js";
import type { ViewProps } from "./view.ts";

export interface Operator {
  readonly isAllowed: Accessor<boolean>;
  /** Why not, or null. */
  readonly reason: Accessor<string | null>;
}

/** While the processor has not said who the viewer is, the request itself is the judge. */
export function createOperator({ access }: Pick<ViewProps, "access">): Operator {
  const reason = (): string | null => {
    const session = access.session();
    if (session === null || !session.keysOn || access.mayOperate()) return null;
    return "This changes something: sign in with a key that has the scope operate.";
  };
  return { isAllowed: () => reason() === null, reason };
}

export function OperatorNote(props: { readonly operator: Operator }) {
  return (
    <Show when={props.operator.reason()}>
      {(reason) => <p class="view-notice operator-note">{reason()}</p>}
    </Show>
  );
}
