/** The dead letters of one reason, or all, newest first, a page at a time. */
import { type Accessor, createMemo, For, Show } from "solid-js";
import { createAnswer } from "../../questions/create_answer.ts";
import { formatOffset } from "../../panels/format.ts";
import { Moment } from "../../panels/moment.tsx";
import { showText } from "../../panels/show_text.ts";
import { CellLabel } from "../parts/cell_label.tsx";
import { Empty, Loading, ProblemNote } from "../parts/states.tsx";
import type { ViewProps } from "../parts/view.ts";
import type { DeadLettersPage, DeadLetterSummary } from "@tally/shared/dead_letters";
import { STATE_WORDS } from "./letters.ts";

const PAGE_LETTERS = 50;

export interface LetterListProps extends ViewProps {
  readonly code: string | null;
  readonly after: string | null;
  readonly openId: string | null;
  readonly again: Accessor<number>;
  readonly onOpen: (id: string | null) => void;
  readonly onPage: (after: string | null) => void;
}

export function LetterList(props: LetterListProps) {
  const page = createAnswer<string, DeadLettersPage>({
    question: () => pathOf(props),
    ask: (path, signal) => props.asker.ask({ path }, signal),
    again: props.again,
  });
  const letters = createMemo<readonly DeadLetterSummary[]>((before) => {
    const known = new Map(before.map((letter) => [JSON.stringify(letter), letter]));
    // A letter that has not changed stays the same object, so that its line is not drawn again.
    const next = page.last()?.answer.deadLetters ?? [];
    return next.map((letter) => known.get(JSON.stringify(letter)) ?? letter);
  }, []);
  return (
    <section class="panel" aria-labelledby="letter-list-title">
      <h2 id="letter-list-title" class="panel-title">
        <Show when={props.code} fallback="Newest dead letters">
          {(code) => (
            <>
              Newest of <code>{code()}</code>
            </>
          )}
        </Show>
      </h2>
      <ProblemNote problem={page.problem()} />
      <Show
        when={page.last()}
        fallback={
          <Show when={page.problem() === null}>
            <Loading what="dead letters" />
          </Show>
        }
      >
        <Show
          when={letters().length > 0}
          fallback={<Empty title="No dead letter of this reason from here on" />}
        >
          <Table {...props} letters={letters()} />
        </Show>
        <div class="toolbar">
          <Show when={props.after !== null}>
            <button type="button" class="button-quiet" onClick={() => props.onPage(null)}>
              Newest dead letters
            </button>
          </Show>
          <Show when={page.last()?.answer.next}>
            {(next) => (
              <button type="button" class="button-quiet" onClick={() => props.onPage(next())}>
                Older dead letters
              </button>
            )}
          </Show>
        </div>
      </Show>
    </section>
  );
}

function pathOf({ code, after }: LetterListProps): string {
  const asked = new URLSearchParams({ limit: String(PAGE_LETTERS) });
  if (code !== null) asked.set("code", code);
  if (after !== null) asked.set("after", after);
  return `dead-letters?${asked.toString()}`;
}

const COLUMNS = ["Seen", "Reason", "Place in the log", "Event id", "State", "Dead letter"] as const;

function Table(props: LetterListProps & { readonly letters: readonly DeadLetterSummary[] }) {
  return (
    <div class="rows-scroll" tabindex="0" role="region" aria-label="Dead letters, newest first">
      <table class="row-cards letters-table" role="table">
        <caption class="visually-hidden">Dead letters, newest first</caption>
        <thead role="rowgroup">
          <tr role="row">
            <For each={COLUMNS}>
              {(title) => (
                <th scope="col" role="columnheader">
                  {title}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody role="rowgroup">
          <For each={props.letters}>{(letter) => <Row {...props} letter={letter} />}</For>
        </tbody>
      </table>
    </div>
  );
}

function Row(props: LetterListProps & { readonly letter: DeadLetterSummary }) {
  const isOpen = () => props.openId === props.letter.id;
  return (
    <tr role="row" data-open={isOpen()}>
      <td role="cell" class="cell-time">
        <CellLabel text="Seen" />
        <Moment at={props.letter.firstSeen} nowMs={props.nowMs()} zone={props.zone()} />
      </td>
      <td role="cell">
        <CellLabel text="Reason" />
        <code>{props.letter.code}</code> <code>{showText(props.letter.pointer)}</code>
      </td>
      <td role="cell">
        partition {props.letter.partition}, offset {formatOffset(props.letter.offset)}
      </td>
      <td role="cell">
        <CellLabel text="Event id" />
        <code>{props.letter.eventId ?? "none"}</code>
      </td>
      <td role="cell">
        <CellLabel text="State" />
        {STATE_WORDS[props.letter.state]}
      </td>
      <th scope="row" role="rowheader">
        <CellLabel text="Dead letter" />
        <button
          type="button"
          class="row-open"
          aria-expanded={isOpen()}
          onClick={() => props.onOpen(isOpen() ? null : props.letter.id)}
        >
          {props.letter.id}
        </button>
      </th>
    </tr>
  );
}
