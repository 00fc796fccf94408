/** All letters of one reason, portion by portion, with every way in which that ends. */
import { expect, test } from "bun:test";
import type { Asker, Outcome, Request } from "../../questions/ask.ts";
import { resendAll, type ResendProgress } from "./resend.ts";

function arrange(answers: readonly Outcome<unknown>[]) {
  const asked: Request[] = [];
  const seen: ResendProgress[] = [];
  const stopping = new AbortController();
  const asker: Asker = {
    ask: async <T>(request: Request) => {
      asked.push(request);
      return (answers[asked.length - 1] ?? { kind: "unreachable" }) as Outcome<T>;
    },
    askText: () => Promise.reject(new Error("not used")),
  };
  const run = () =>
    resendAll(asker, "id_conflict", {
      signal: stopping.signal,
      onProgress: (progress) => seen.push(progress),
    });
  return { asked, seen, stopping, run };
}

function portion(resent: number, next: string | null, refused: readonly object[] = []) {
  const ids = Array.from({ length: resent }, (_, n) => `${next ?? "last"}-${n}`);
  return { kind: "answered", answer: { resent, ids, next, refused } } as const;
}

test("resendAll() goes on from where a portion ended, and counts what was sent", async () => {
  const refused = [{ id: "9", code: "dead_letter_too_large" }];
  const { asked, seen, run } = arrange([portion(100, "205"), portion(7, null, refused)]);

  await run();

  expect(asked.map(({ path }) => path)).toEqual([
    "dead-letters/resend?code=id_conflict&limit=100",
    "dead-letters/resend?code=id_conflict&limit=100&after=205",
  ]);
  expect(seen.map(({ resent, state }) => [resent, state])).toEqual([
    [0, "running"],
    [100, "running"],
    [107, "running"],
    [107, "done"],
  ]);
  expect(seen.at(-1)).toMatchObject({ refused, problem: null });
  expect(seen.at(-1)?.ids).toHaveLength(107);
});

test("resendAll() keeps what it counted when a portion fails", async () => {
  const { seen, run } = arrange([portion(100, "205")]);

  await run();

  expect(seen.at(-1)).toMatchObject({
    resent: 100,
    state: "failed",
    problem: { kind: "unreachable" },
  });
});

test("resendAll() sends no further portion when it is stopped", async () => {
  const { asked, seen, stopping, run } = arrange([portion(100, "205"), portion(100, "305")]);
  const running = run();
  stopping.abort();

  await running;

  expect(asked).toHaveLength(1);
  expect(seen.at(-1)).toMatchObject({ resent: 100, state: "stopped" });
});
