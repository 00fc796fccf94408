/** Asks a processor questions, as a client does, and takes the time. */
import type { System } from "../../system/system.ts";

/** A request of one of the two routes for questions. */
export interface Question {
  readonly path: "/api/v2/query" | "/api/v2/funnel";
  readonly body: object;
}

/** Asks once. @returns How long it took, ms, or null when it was refused for what it reads. */
export async function ask({ processors }: System, question: Question): Promise<number | null> {
  const startedAt = performance.now();
  const response = await fetch(`${processors[0].url}${question.path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question.body),
  });
  const text = await response.text();
  const tookMs = performance.now() - startedAt;
  if (response.ok) return tookMs;
  if (response.status === 422) return null;
  throw new Error(`A question got ${response.status}: ${text}`);
}

/** Asks lists of questions over and over, one question of each list at a time, until stopped. */
export function askWithoutPause(
  system: System,
  lists: readonly (readonly Question[])[],
): { stop(): Promise<void> } {
  let isStopped = false;
  const all = Promise.all(
    lists.map(async (questions) => {
      for (let next = 0; !isStopped; next += 1) {
        const question = questions[next % questions.length];
        if (question !== undefined) await ask(system, question);
      }
    }),
  );
  return {
    async stop() {
      isStopped = true;
      await all;
    },
  };
}
