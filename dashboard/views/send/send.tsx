/** Sends one event or a burst to ingest, and follows the last one to its archive line. */
import { createEffect, createMemo, createSignal, Show } from "solid-js";
import type { ViewProps as PageProps } from "../../shell/page.ts";
import { ViewLink } from "../../shell/view_link.tsx";
import type { TestEvent } from "../../test_event/send_event.ts";
import { isStoreAway } from "../../panels/health.ts";
import { EventTraceSteps } from "../events/event_trace.tsx";
import type { ViewProps } from "../parts/view.ts";
import { createSending, type Sending } from "./create_sending.ts";
import { judge } from "./judge.ts";
import { Reply } from "./reply.tsx";
import { SendForm } from "./send_form.tsx";
import { TEMPLATES } from "./templates.ts";
import { codeOf } from "./write_key.tsx";
import "../parts/parts.css";
import "./send.css";

export interface SendProps extends PageProps {
  /** Whether an event that was sent here is still on its way. */
  readonly onBusy?: (isBusy: boolean) => void;
}

/** The view; its parts take the page field by field. */
export function Send(props: SendProps) {
  return <SendBody {...props.page} onBusy={(isBusy) => props.onBusy?.(isBusy)} />;
}

function SendBody(props: ViewProps & { readonly onBusy: (isBusy: boolean) => void }) {
  const [event, setEvent] = createSignal<TestEvent>(firstEvent());
  const verdict = createMemo(() => judge(event(), props.clock.wallNow()));
  const isArchiveEnabled = () => props.stream.frame()?.archive.enabled ?? true;
  const sending = createSending(props, isArchiveEnabled);
  createEffect(() => props.onBusy(sending.isSending() || sending.isFollowing()));
  return (
    <div class="send-view area-wide">
      <section class="panel" aria-labelledby="send-title">
        <h2 id="send-title">Send</h2>
        <p class="lead">
          Events go to ingest at <code>{props.ingestUrl}</code>, as any client's do.
        </p>
        <SendForm
          event={event()}
          verdict={verdict()}
          isSending={sending.isSending()}
          session={props.access.session()}
          code={codeOf(sending.answered().sent) ?? sending.answered().burst?.code ?? null}
          onChange={(changes) => setEvent((before) => ({ ...before, ...changes }))}
          onSend={(wish) => void sending.send(event(), wish)}
          onStop={sending.stop}
        />
      </section>
      <section class="panel" aria-labelledby="reply-title">
        <h2 id="reply-title">What became of it</h2>
        <Reply answered={sending.answered()} />
        <Show when={sending.followed()} keyed>
          {(id) => (
            <Followed {...props} id={id} sending={sending} isArchiveEnabled={isArchiveEnabled()} />
          )}
        </Show>
      </section>
    </div>
  );
}

function Followed(
  props: ViewProps & {
    readonly id: string;
    readonly sending: Sending;
    readonly isArchiveEnabled: boolean;
  },
) {
  return (
    <>
      <h3 class="part-title">
        Event <code class="key">{props.id}</code>
      </h3>
      <Show
        when={props.sending.progress()}
        fallback={<p class="state-note">Asking for its trace.</p>}
      >
        {(known) => (
          <EventTraceSteps
            id={props.id}
            progress={known()}
            nowMs={props.nowMs()}
            zone={props.zone()}
            isArchiveEnabled={props.isArchiveEnabled}
            isStoreAway={isStoreAway(props.stream.frame())}
            onLetter={(letter) => props.change({ view: "dead-letters", own: { letter } })}
          />
        )}
      </Show>
      <ViewLink page={props} to={{ view: "events", own: { id: props.id } }}>
        Open it in Events
      </ViewLink>
    </>
  );
}

function firstEvent(): TestEvent {
  const [template] = TEMPLATES;
  return {
    sessionId: "dashboard-1",
    eventType: template?.eventType ?? "",
    payload: JSON.stringify(template?.payload ?? {}, null, 2),
  };
}
