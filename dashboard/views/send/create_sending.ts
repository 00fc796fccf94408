/** Sends what the form holds, and follows the last event that ingest accepted. */
import { type Accessor, createSignal, onCleanup } from "solid-js";
import { followEvent, type Progress } from "../../test_event/follow_event.ts";
import { sendEvent, type TestEvent } from "../../test_event/send_event.ts";
import type { ViewProps } from "../parts/view.ts";
import { BURST_EVENTS_MAX, type BurstProgress, sendBurst } from "./burst.ts";
import type { Answered } from "./reply.tsx";
import { writeKey } from "./write_key.tsx";

/** How many events, over how many sessions. */
export interface Wish {
  readonly events: number;
  readonly sessions: number;
}

export interface Sending {
  readonly isSending: Accessor<boolean>;
  readonly answered: Accessor<Answered>;
  /** Id of the event that is followed, or null. */
  readonly followed: Accessor<string | null>;
  readonly progress: Accessor<Progress | null>;
  /** Whether more is to come of the followed event. */
  readonly isFollowing: Accessor<boolean>;
  readonly send: (event: TestEvent, wish: Wish) => Promise<void>;
  /** Ends a burst after the portion that is on its way. */
  readonly stop: () => void;
}

const NOTHING: Answered = { sent: null, afterMs: 0, burst: null, total: 0 };

export function createSending(props: ViewProps, isArchiveEnabled: () => boolean): Sending {
  const [answered, setAnswered] = createSignal<Answered>(NOTHING);
  const [followed, setFollowed] = createSignal<string | null>(null);
  const [progress, setProgress] = createSignal<Progress | null>(null);
  const [isSending, setSending] = createSignal(false);
  let stopping = new AbortController();
  let stopFollowing = (): void => {};
  onCleanup(() => {
    stopping.abort();
    stopFollowing();
  });
  const follow = (eventId: string): void => {
    setFollowed(eventId);
    stopFollowing = followEvent(eventId, { ...props, isArchiveEnabled, onProgress: setProgress });
  };
  const sendOne = async (event: TestEvent, startMs: number): Promise<string | null> => {
    const sent = await sendEvent(event, { ...props, key: writeKey() });
    setAnswered({ ...NOTHING, sent, afterMs: props.clock.now() - startMs });
    return sent.kind === "accepted" ? sent.eventId : null;
  };
  const sendMany = async (
    event: TestEvent,
    wish: Wish,
    startMs: number,
  ): Promise<string | null> => {
    stopping = new AbortController();
    const total = Math.min(wish.events, BURST_EVENTS_MAX);
    const onProgress = (burst: BurstProgress): void =>
      void setAnswered({ sent: null, afterMs: props.clock.now() - startMs, burst, total });
    const options = { ...props, key: writeKey(), signal: stopping.signal, onProgress };
    await sendBurst({ event, events: total, sessions: wish.sessions }, options);
    return answered().burst?.lastEventId ?? null;
  };
  return {
    isSending,
    answered,
    followed,
    progress,
    isFollowing: () => followed() !== null && (progress()?.state ?? "following") === "following",
    stop: () => stopping.abort(),
    async send(event, wish) {
      if (isSending()) return;
      stopFollowing();
      setSending(true);
      setFollowed(null);
      setProgress(null);
      setAnswered(NOTHING);
      const startMs = props.clock.now();
      const isOne = wish.events === 1;
      const last = await (isOne ? sendOne(event, startMs) : sendMany(event, wish, startMs));
      if (last !== null) follow(last);
      setSending(false);
    },
  };
}
