/** A burst portion by portion, and every way in which it ends. */
import { expect, test } from "bun:test";
import { type Burst, type BurstProgress, sendBurst } from "./burst.ts";

const event = { sessionId: "s", eventType: "click", payload: "{}", eventId: "mine" };

function arrange(answer: (portion: readonly object[]) => Response) {
  const portions: Record<string, unknown>[][] = [];
  const seen: BurstProgress[] = [];
  const stopping = new AbortController();
  const run = (burst: Partial<Burst>) =>
    sendBurst(
      { event, events: 250, sessions: 1, ...burst },
      {
        ingestUrl: "http://ingest",
        fetch: async (_, options) => {
          const portion = JSON.parse(String(options.body)) as Record<string, unknown>[];
          portions.push(portion);
          return answer(portion);
        },
        signal: stopping.signal,
        onProgress: (progress) => seen.push(progress),
      },
    );
  return { portions, seen, stopping, run };
}

function accepted(portion: readonly object[]): Response {
  const results = portion.map((_, index) => ({ index, eventId: `e-${index}` }));
  return Response.json({ accepted: portion.length, rejected: [], results }, { status: 202 });
}

test("sendBurst() sends portions until all are accepted, each event with an id of its own", async () => {
  const { portions, seen, run } = arrange(accepted);

  await run({ sessions: 3 });

  expect(portions.map(({ length }) => length)).toEqual([100, 100, 50]);
  expect(portions[0]?.[0]).toEqual({ sessionId: "s-0", eventType: "click", payload: "{}" });
  expect(new Set(portions.flat().map(({ sessionId }) => sessionId)).size).toBe(3);
  expect(seen.at(-1)).toEqual({
    accepted: 250,
    rejected: 0,
    state: "done",
    problem: null,
    code: null,
    lastEventId: "e-49",
  });
});

test("sendBurst() ends at the first portion that ingest does not take", async () => {
  const { portions, seen, run } = arrange((portion) =>
    portions.length > 1
      ? Response.json({ title: "Too much is in flight" }, { status: 503 })
      : accepted(portion),
  );

  await run({});

  expect(portions).toHaveLength(2);
  expect(seen.at(-1)).toMatchObject({
    accepted: 100,
    state: "failed",
    problem: "Ingest answers 503: Too much is in flight.",
  });
});

test("sendBurst() hands on the code when ingest refuses its key", async () => {
  const { seen, run } = arrange(() =>
    Response.json({ title: "No key", code: "key_missing" }, { status: 401 }),
  );

  await run({});

  expect(seen.at(-1)).toMatchObject({ state: "failed", code: "key_missing" });
});

test("sendBurst() says that it does not know when there is no answer", async () => {
  const { seen, run } = arrange(() => new Response("<html>", { status: 502 }));

  await run({});

  expect(seen.at(-1)?.problem).toContain("is not known");
});

test("sendBurst() stops after the portion that is on its way", async () => {
  const { portions, seen, stopping, run } = arrange(accepted);
  const running = run({});
  stopping.abort();

  await running;

  expect(portions).toHaveLength(1);
  expect(seen.at(-1)).toMatchObject({ accepted: 100, state: "stopped" });
});
