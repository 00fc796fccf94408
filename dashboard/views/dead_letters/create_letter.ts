/**
 * One dead letter as signals. While a copy of it is on its way, it is asked again with growing
 * pauses, up to a bound; the outcome ends that.
 */
import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { createAnswer } from "../../questions/create_answer.ts";
import type { Problem } from "../../questions/ask.ts";
import type { ViewProps } from "../parts/view.ts";
import type { DeadLetterDetail } from "@tally/shared/dead_letters";

export interface OpenLetter {
  readonly letter: Accessor<DeadLetterDetail | null>;
  readonly problem: Accessor<Problem | null>;
  /** Asks again, and goes on asking while a copy is on its way. */
  readonly follow: () => void;
  /** Whether asking has ended although a copy is still on its way. */
  readonly hasGivenUp: Accessor<boolean>;
}

const PAUSE_MS_MIN = 500;
/** The processor looks at outcomes every 2 s. */
const PAUSE_MS_MAX = 4000;
const PAUSE_GROWTH = 1.5;
const FOLLOW_MS_MAX = 180_000; // chosen

export function createLetter(
  { asker, clock }: Pick<ViewProps, "asker" | "clock">,
  id: string,
): OpenLetter {
  const [again, setAgain] = createSignal(0);
  const [hasGivenUp, setGivenUp] = createSignal(false);
  const answer = createAnswer<string, DeadLetterDetail>({
    question: () => id,
    ask: (asked, signal) =>
      asker.ask({ path: `dead-letters/${encodeURIComponent(asked)}` }, signal),
    again,
  });
  const ask = (): void => void setAgain((count) => count + 1);
  const letter = () => answer.last()?.answer ?? null;
  let startMs = clock.now();
  let pauseMs = PAUSE_MS_MIN;
  let cancel = (): void => {};
  onCleanup(() => cancel());
  createEffect(
    on([answer.last, answer.problem], () => {
      cancel();
      if (!isOnItsWay(letter())) return;
      if (clock.now() - startMs > FOLLOW_MS_MAX) {
        setGivenUp(true);
        return;
      }
      cancel = clock.after(pauseMs, ask);
      pauseMs = Math.min(PAUSE_MS_MAX, Math.round(pauseMs * PAUSE_GROWTH));
    }),
  );
  return {
    letter,
    problem: answer.problem,
    hasGivenUp,
    follow: () => {
      startMs = clock.now();
      pauseMs = PAUSE_MS_MIN;
      setGivenUp(false);
      ask();
    },
  };
}

function isOnItsWay(letter: DeadLetterDetail | null): boolean {
  return letter?.resends.some(({ outcome }) => outcome === "waiting") ?? false;
}
