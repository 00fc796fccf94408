/** The range of time in whose events the rows are: a word, or two times. */
import { createSignal, For, type JSX, Show } from "solid-js";
import { isRangeWord, iso, type Range, RANGE_WORDS, readRange } from "../../address/range.ts";

const FIXED = "fixed";

export interface RangeChoiceProps {
  readonly range: Range;
  /** First and last moment of the range now, ms since 1970. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
  readonly onChoose: (range: Range) => void;
}

export function RangeChoice(props: RangeChoiceProps) {
  const value = () => (typeof props.range === "string" ? props.range : FIXED);
  const [isOpen, setOpen] = createSignal(false);
  return (
    <>
      <select
        class="range-choice"
        aria-label="Range of time"
        value={value()}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          setOpen(chosen === FIXED);
          if (isRangeWord(chosen)) props.onChoose(chosen);
        }}
      >
        <For each={Object.entries(RANGE_WORDS)}>
          {([word, label]) => (
            <option value={word} selected={word === value()}>
              {label}
            </option>
          )}
        </For>
        <option value={FIXED} selected={value() === FIXED}>
          Between two times
        </option>
      </select>
      <Show when={isOpen() || value() === FIXED}>
        <TwoTimes {...props} />
      </Show>
    </>
  );
}

function TwoTimes(props: RangeChoiceProps) {
  const [isWrong, setWrong] = createSignal(false);
  const submit: JSX.EventHandler<HTMLFormElement, SubmitEvent> = (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const isZoned = [text("from"), text("to")].every((each) => ZONED.test(each));
    const range = isZoned ? readRange(`${text("from")}..${text("to")}`) : null;
    setWrong(range === null);
    if (range !== null) props.onChoose(range);
  };
  return (
    <form class="two-times" noValidate onSubmit={submit}>
      <TimeField label="From" name="from" ms={props.window.fromMs} isWrong={isWrong()} />
      <TimeField label="to" name="to" ms={props.window.toMs} isWrong={isWrong()} />
      <button type="submit" class="button-quiet">
        Show
      </button>
      <Show when={isWrong()}>
        <p class="field-problem" role="alert">
          Two times with a zone, the first before the second, such as 2026-01-31T08:00:00+01:00.
        </p>
      </Show>
    </form>
  );
}

/** Without a zone a time would mean another moment for another viewer of the link. */
const ZONED = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

function TimeField(props: {
  readonly label: string;
  readonly name: string;
  readonly ms: number;
  readonly isWrong: boolean;
}) {
  return (
    <label>
      {props.label}{" "}
      <input
        name={props.name}
        value={iso(Math.floor(props.ms / 1000) * 1000)}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={props.isWrong}
      />
    </label>
  );
}
