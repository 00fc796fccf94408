/** Adds one filter: a property, an operator, a value; the browser offers values that were seen. */
import { createSignal, createUniqueId, For, type JSX } from "solid-js";
import { type Filter, isOperator, OPERATORS, readScalar, writeScalar } from "../address/filter.ts";
import type { Operator, Scalar } from "../address/filter.ts";
import { describeDimension } from "./filter_chips.tsx";
import { PropertyChoice } from "./property_choice.tsx";

export interface FilterFormProps {
  /** Dimensions to choose from. */
  readonly dimensions: readonly string[];
  /** Values of a dimension that were seen, to choose from. */
  readonly valuesOf: (dimension: string) => readonly Scalar[];
  /** Called when a dimension is chosen, so that its values can be asked for. */
  readonly onDimension?: (dimension: string) => void;
  readonly action: string;
  readonly onAdd: (filter: Filter) => void;
}

export function FilterForm(props: FilterFormProps) {
  const listId = createUniqueId();
  const [dimension, setDimension] = createSignal("event:name");
  const [operator, setOperator] = createSignal<Operator>("is");
  const [value, setValue] = createSignal("");
  const choose = (text: string): void => {
    setDimension(text);
    props.onDimension?.(text);
  };
  // One that was typed stands in the list.
  const offered = () =>
    [...new Set([...props.dimensions, dimension()])].map(
      (each) => [each, describeDimension(each)] as const,
    );
  const add: JSX.EventHandler<HTMLFormElement, SubmitEvent> = (event) => {
    event.preventDefault();
    if (value() === "") return;
    const isText = operator().startsWith("contains") || operator().startsWith("matches");
    const read = isText ? value() : readScalar(value());
    props.onAdd({ dimension: dimension(), operator: operator(), values: [read] });
    setValue("");
  };
  return (
    <form class="filter-form" onSubmit={add}>
      <PropertyChoice label="Property" value={dimension()} options={offered()} onChoose={choose} />
      <select
        class="select"
        aria-label="Operator"
        onChange={(event) => {
          if (isOperator(event.currentTarget.value)) setOperator(event.currentTarget.value);
        }}
      >
        <For each={Object.entries(OPERATORS)}>
          {([name, text]) => (
            <option value={name} selected={name === operator()}>
              {text}
            </option>
          )}
        </For>
      </select>
      <input
        class="input"
        aria-label="Value"
        placeholder="value"
        autocomplete="off"
        spellcheck={false}
        list={listId}
        value={value()}
        onInput={(event) => setValue(event.currentTarget.value)}
      />
      <datalist id={listId}>
        <For each={props.valuesOf(dimension())}>
          {(each) => <option value={writeScalar(each)} />}
        </For>
      </datalist>
      <button type="submit" class="button-quiet">
        {props.action}
      </button>
    </form>
  );
}
