/** One dead letter: why it is one, its exact bytes, and what became of each resend. */
import { createSignal, Index, onMount, Show } from "solid-js";
import type { Outcome, Problem } from "../../questions/ask.ts";
import { formatOffset } from "../../panels/format.ts";
import { Facts } from "../parts/facts.tsx";
import { Moment } from "../../panels/moment.tsx";
import { showText } from "../../panels/show_text.ts";
import { createOperator, OperatorNote } from "../parts/operator.tsx";
import { Loading, ProblemNote } from "../parts/states.tsx";
import type { ViewProps } from "../parts/view.ts";
import { BytesView } from "./bytes_view.tsx";
import { createLetter } from "./create_letter.ts";
import { EditLetter } from "./edit_letter.tsx";
import type { DeadLetterDetail, Resent } from "@tally/shared/dead_letters";
import { type Advice, adviceOfLetter } from "./advice.ts";
import { emptyWords, OUTCOME_WORDS, STATE_WORDS, whyNotResend } from "./letters.ts";
import { resendOne } from "./resend.ts";

export interface LetterDetailProps extends ViewProps {
  readonly id: string;
  readonly onClose: () => void;
  readonly onLetter: (id: string) => void;
  readonly onResent: () => void;
}

export function LetterDetail(props: LetterDetailProps) {
  const open = createLetter(props, props.id);
  let title: HTMLHeadingElement | undefined;
  onMount(() => title?.focus());
  return (
    <section
      class="panel letter-detail"
      aria-labelledby="letter-title"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        props.onClose();
      }}
    >
      <header class="view-head">
        <h2 id="letter-title" tabindex="-1" ref={(element) => (title = element)}>
          Dead letter {showText(props.id)}
        </h2>
        <button type="button" class="button-quiet" onClick={() => props.onClose()}>
          Close
        </button>
      </header>
      <ProblemNote problem={open.problem()} onRetry={open.follow} />
      <Show
        when={open.letter()}
        fallback={
          <Show when={open.problem() === null}>
            <Loading what="its bytes" />
          </Show>
        }
      >
        {(letter) => (
          <>
            <Why {...props} letter={letter()} />
            <Resends {...props} letter={letter()} hasGivenUp={open.hasGivenUp()} />
            <Actions
              {...props}
              letter={letter()}
              onSent={() => {
                open.follow();
                props.onResent();
              }}
            />
            <Record letter={letter()} />
          </>
        )}
      </Show>
    </section>
  );
}

function Why(props: LetterDetailProps & { readonly letter: DeadLetterDetail }) {
  const advice = () => adviceOfLetter(props.letter);
  const moment = (at: string | null) => (
    <Moment at={at} nowMs={props.nowMs()} zone={props.zone()} />
  );
  return (
    <>
      <p class="letter-why">
        <code>{props.letter.code}</code> {showText(props.letter.message)}
      </p>
      <p>
        {advice().meaning} {props.letter.state === "open" ? advice().action : ""}
      </p>
      <Facts
        facts={[
          { name: "State", value: STATE_WORDS[props.letter.state] },
          {
            name: "At fault",
            value: <code>{showText(props.letter.pointer || "the record")}</code>,
          },
          {
            name: "Place",
            value: `${showText(props.letter.topic)}, partition ${props.letter.partition}, offset ${formatOffset(props.letter.offset)}`,
          },
          { name: "First seen", value: moment(props.letter.firstSeen) },
          { name: "On the DLQ topic", value: moment(props.letter.publishedAt) },
          ...(props.letter.copyOf == null
            ? []
            : [
                {
                  name: "Sent again from",
                  value: <LetterLink {...props} id={props.letter.copyOf} />,
                },
              ]),
          { name: "Event id", value: <EventLink {...props} eventId={props.letter.eventId} /> },
        ]}
      />
    </>
  );
}

function LetterLink(props: LetterDetailProps & { readonly id: string }) {
  return (
    <button type="button" class="row-open" onClick={() => props.onLetter(props.id)}>
      Dead letter {props.id}
    </button>
  );
}

function EventLink(props: LetterDetailProps & { readonly eventId: string | null }) {
  return (
    <Show when={props.eventId} fallback="none: it holds no event">
      {(id) => (
        <button
          type="button"
          class="row-open"
          onClick={() => props.change({ view: "events", own: { id: id() } })}
        >
          <code>{id()}</code>
        </button>
      )}
    </Show>
  );
}

function Resends(
  props: LetterDetailProps & { readonly letter: DeadLetterDetail; readonly hasGivenUp: boolean },
) {
  return (
    <>
      <h3 class="part-title">What became of each resend</h3>
      <Show
        when={props.letter.resends.length > 0}
        fallback={<p class="empty">{emptyWords(props.letter)}</p>}
      >
        <ol class="resends" aria-live="polite">
          <Index each={props.letter.resends}>
            {(resend) => (
              <li data-outcome={resend().outcome}>
                <strong>{OUTCOME_WORDS[resend().outcome]}</strong>
                <span>
                  {" "}
                  sent <Moment at={resend().resentAt} nowMs={props.nowMs()} zone={props.zone()} />,
                  partition {resend().partition}, offset {formatOffset(resend().offset)}{" "}
                </span>
                <Show when={resend().deadLetterId}>
                  {(id) => (
                    <button type="button" class="row-open" onClick={() => props.onLetter(id())}>
                      Dead letter {id()}
                    </button>
                  )}
                </Show>
                <Show when={resend().outcome !== "dead" && resend().eventId}>
                  {(id) => <EventLink {...props} eventId={id()} />}
                </Show>
              </li>
            )}
          </Index>
        </ol>
      </Show>
      <Show when={props.hasGivenUp}>
        <p class="view-notice">No outcome yet. Open the letter again later: it is recorded here.</p>
      </Show>
    </>
  );
}

function Actions(
  props: LetterDetailProps & { readonly letter: DeadLetterDetail; readonly onSent: () => void },
) {
  const operator = createOperator(props);
  const [isSending, setSending] = createSignal(false);
  const [isEditing, setEditing] = createSignal(false);
  const [problem, setProblem] = createSignal<Problem | null>(null);
  const reason = () => whyNotResend(props.letter);
  const best = () => adviceOfLetter(props.letter).best;
  const send = async (): Promise<void> => {
    if (isSending() || !operator.isAllowed()) return;
    setSending(true);
    setProblem(null);
    // The request is not taken back when the letter is closed: it may have been sent.
    const outcome: Outcome<Resent> = await resendOne(
      props.asker,
      props.letter.id,
      new AbortController().signal,
    );
    setSending(false);
    if (outcome.kind === "answered") props.onSent();
    else if (outcome.kind !== "aborted") setProblem(outcome);
  };
  const classOf = (way: Advice["best"]) => (best() === way ? "button" : "button-quiet");
  const SendButton = () => (
    <button
      type="button"
      class={classOf("resend")}
      aria-disabled={isSending() || !operator.isAllowed()}
      onClick={() => void send()}
    >
      {isSending() ? "Sending" : "Send again as it is"}
    </button>
  );
  const EditButton = () => (
    <Show when={!isEditing()}>
      <button type="button" class={classOf("edit")} onClick={() => setEditing(true)}>
        Edit and send as a new event
      </button>
    </Show>
  );
  return (
    <div class="letter-actions">
      <Show
        when={reason()}
        fallback={
          <div class="toolbar">
            <Show when={best() === "edit"} fallback={[<SendButton />, <EditButton />]}>
              <EditButton />
              <SendButton />
            </Show>
          </div>
        }
      >
        {(words) => <p class="view-notice">{words()}</p>}
      </Show>
      <OperatorNote operator={operator} />
      <ProblemNote problem={problem()} />
      <Show when={isEditing()}>
        <EditLetter
          {...props}
          onSent={() => (setEditing(false), props.onSent())}
          onClose={() => setEditing(false)}
        />
      </Show>
    </div>
  );
}

function Record(props: { readonly letter: DeadLetterDetail }) {
  return (
    <Show
      when={props.letter.clearedAt === null}
      fallback={<p class="empty">Its bytes were cleared, because it was resolved long ago.</p>}
    >
      <BytesView title="Value" bytes={props.letter.value} />
      <BytesView title="Key" bytes={props.letter.key} />
      <Index each={props.letter.headers}>
        {(header) => (
          <BytesView title={`Header ${showText(header().key)}`} bytes={header().value} />
        )}
      </Index>
    </Show>
  );
}
