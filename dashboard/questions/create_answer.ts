/** A question as a signal: asked when it changes, taken back when it is no longer wanted. */
import {
  type Accessor,
  batch,
  createEffect,
  createMemo,
  createSignal,
  on,
  onCleanup,
} from "solid-js";
import { isPassing, type Outcome } from "./ask.ts";

/** What a view shows of one question. */
export interface Answer<Q, T> {
  /** The last answer with its question; it stays while a next one is on its way. */
  readonly last: Accessor<{ readonly question: Q; readonly answer: T } | null>;
  readonly isLoading: Accessor<boolean>;
  /** Why there is no answer to the present question, or null. */
  readonly problem: Accessor<Exclude<Outcome<T>, { kind: "answered" | "aborted" }> | null>;
}

export interface AnswerOptions<Q, T> {
  /** Null: nothing to ask yet. Equal questions (by their JSON) are asked once. */
  readonly question: Accessor<Q | null>;
  readonly ask: (question: Q, signal: AbortSignal) => Promise<Outcome<T>>;
  /** A change asks the same question again: after a reconnect, and when a user wants it. */
  readonly again?: Accessor<unknown>;
  /**
   * What the question is about, for one that changes by itself as time goes on. After a failure the
   * last answer stays only when it is about the same. The question itself when absent.
   */
  readonly about?: Accessor<string>;
  /** A change, such as a frame, asks again while the problem is one that passes by itself. */
  readonly pulse?: Accessor<unknown>;
}

/** Asks for as long as the owner lives. */
export function createAnswer<Q, T>(options: AnswerOptions<Q, T>): Answer<Q, T> {
  const [last, setLast] = createSignal<{ readonly question: Q; readonly answer: T } | null>(null);
  const [isLoading, setLoading] = createSignal(false);
  const [problem, setProblem] = createSignal<ReturnType<Answer<Q, T>["problem"]>>(null);
  let current = new AbortController();
  let lastAbout = "";

  const ask = async (question: Q): Promise<void> => {
    current.abort();
    const own = new AbortController();
    current = own;
    setLoading(true);
    const about = options.about?.() ?? JSON.stringify(question);
    const outcome = await options.ask(question, own.signal);
    // A later question has taken its place.
    if (current !== own || outcome.kind === "aborted") return;
    // At once: nobody sees that it is answered before the answer.
    batch(() => {
      setLoading(false);
      if (outcome.kind === "answered") {
        setLast({ question, answer: outcome.answer });
        lastAbout = about;
        // Old figures must not stand under a new name, nor under a question that is never answered.
      } else if (about !== lastAbout || !isPassing(outcome)) setLast(null);
      setProblem(outcome.kind === "answered" ? null : outcome);
    });
  };

  const question = createMemo(options.question, null, {
    equals: (before, after) => JSON.stringify(before) === JSON.stringify(after),
  });
  createEffect(
    on([question, () => options.again?.()], ([next]) => {
      if (next === null) {
        current.abort();
        setLoading(false);
      } else {
        void ask(next);
      }
    }),
  );
  const { pulse } = options;
  if (pulse !== undefined) {
    createEffect(
      on(
        pulse,
        () => {
          const now = question();
          if (now !== null && !isLoading() && isPassing(problem())) void ask(now);
        },
        { defer: true },
      ),
    );
  }
  onCleanup(() => current.abort());
  return { last, isLoading, problem };
}
