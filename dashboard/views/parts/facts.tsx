/** A list of names and values: what is known of one thing. */
import { For, type JSX } from "solid-js";

export interface Fact {
  readonly name: string;
  readonly value: JSX.Element;
}

export function Facts(props: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      <For each={props.facts}>
        {(fact) => (
          <div>
            <dt>{fact.name}</dt>
            <dd>{fact.value}</dd>
          </div>
        )}
      </For>
    </dl>
  );
}
