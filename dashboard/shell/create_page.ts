/** Makes the page out of the browser's parts: history, events of the window, stream, fetch. */
import type { MonotonicMs, WallMs } from "@tally/shared/clock";
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import { changeState, readState, writeState } from "../address/page_state.ts";
import { readHistory } from "@tally/shared/frame_history";
import { type Asker, createAsker } from "../questions/ask.ts";
import type { LiveStream } from "../stream/create_stream.ts";
import type { Clock } from "../stream/stream.ts";
import type { Page } from "./page.ts";
import { createSession } from "./session.ts";

export interface PageOptions {
  readonly stream: LiveStream;
  readonly clock: Clock;
  readonly random: () => number;
  readonly nowMs: Accessor<WallMs>;
  readonly monotonicMs: Accessor<MonotonicMs>;
  readonly fetch: Page["fetch"];
  readonly ingestUrl: string;
}

export function createPage(options: PageOptions): Page {
  const [state, setState] = createSignal(readState(location.search));
  const access = createSession();
  const asker = createAsker({ ...options, onKeyMissing: access.noteKeyMissing });
  const reconnects = countReconnects(options.stream);
  // Another processor may have taken the place of the one before.
  createEffect(on(reconnects, () => void access.askSession(asker)));
  // A stream that ends without coming back may have lost its session; it can't say why itself.
  const attempt = createMemo(() => attemptOf(options.stream));
  createEffect(on(attempt, (failed) => void (failed > 0 && access.askSession(asker))));
  createEffect(
    on([reconnects, access.isKeyMissing], () => void takeHistory(asker, options.stream)),
  );
  const readAddress = (): void => void setState(readState(location.search));
  addEventListener("popstate", readAddress);
  onCleanup(() => removeEventListener("popstate", readAddress));
  const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    ...options,
    asker,
    state,
    access,
    zone: createMemo(() => state().zone ?? ownZone),
    reconnects,
    change(changes, how = "push") {
      const next = changeState(state(), changes);
      const address = writeState(next);
      // The same state twice would be a step back that changes nothing.
      const isSame = address === writeState(state());
      if (how === "push" && !isSame) history.pushState(null, "", address);
      else history.replaceState(null, "", address);
      setState(next);
    },
    href: (changes) => writeState(changeState(state(), changes)),
  };
}

function attemptOf({ connection }: LiveStream): number {
  const state = connection();
  return state.kind === "reconnecting" ? state.attempt : 0;
}

/** A page that opens, or missed something, shows what the processor has kept. */
async function takeHistory(asker: Asker, stream: LiveStream): Promise<void> {
  const outcome = await asker.ask<unknown>({ path: "metrics/history" }, NEVER);
  const history = outcome.kind === "answered" ? readHistory(outcome.answer) : null;
  if (history !== null) stream.takeHistory(history);
}

/** The page wants the answer for as long as it lives. */
const NEVER = new AbortController().signal;

function countReconnects(stream: LiveStream): Accessor<number> {
  const [reconnects, setReconnects] = createSignal(0);
  let wasLive = false;
  const isLive = createMemo(() => stream.connection().kind === "live");
  createEffect(
    on(isLive, (live) => {
      if (live && wasLive) setReconnects((count) => count + 1);
      wasLive ||= live;
    }),
  );
  return reconnects;
}
