/** Endings of a question, and how many are on their way at a time. */
import { describe, expect, test } from "bun:test";
import { fakeClock } from "../testing/fake_clock.ts";
import { ATTEMPTS_MAX, createAsker, describeOutcome, IN_FLIGHT_MAX, PAUSE } from "./ask.ts";

const NEVER = new AbortController().signal;

interface Sent {
  readonly url: string;
  readonly options: RequestInit;
  readonly answer: (response: Response) => void;
  readonly fail: () => void;
}

function arrange() {
  const clock = fakeClock();
  const sent: Sent[] = [];
  let keysMissing = 0;
  const asker = createAsker({
    clock,
    random: () => 1,
    onKeyMissing: () => (keysMissing += 1),
    fetch: (url, options) =>
      new Promise((answer, reject) => {
        const fail = (): void => reject(new TypeError("failed"));
        options.signal?.addEventListener("abort", fail);
        sent.push({ url, options, answer, fail });
      }),
  });
  return { clock, sent, asker, keysMissing: () => keysMissing };
}

/** Lets everything run that waits for nothing else. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const busy = (): Response => Response.json({ code: "overloaded", title: "x" }, { status: 503 });

describe("ask()", () => {
  test("gives the answer, and sends a body as JSON", async () => {
    const { sent, asker } = arrange();

    const outcome = asker.ask({ path: "api/v2/query", body: { a: 1 } }, NEVER);
    await settle();
    sent[0]?.answer(Response.json({ b: 2 }));

    expect(await outcome).toEqual({ kind: "answered", answer: { b: 2 } });
    expect(sent[0]?.options).toMatchObject({ method: "POST", body: '{"a":1}' });
  });

  test("gives the words of a refusal, and says that a key is missing when it is 401", async () => {
    const { sent, asker, keysMissing } = arrange();
    const problem = { code: "key_missing", title: "Give a key", detail: "a read key" };

    const outcome = asker.ask({ path: "events" }, NEVER);
    await settle();
    sent[0]?.answer(Response.json(problem, { status: 401 }));

    expect(await outcome).toEqual({ kind: "refused", status: 401, ...problem });
    expect(keysMissing()).toBe(1);
  });

  test("tells a proxy's page from the processor's answer", async () => {
    const { sent, asker } = arrange();

    const outcome = asker.ask({ path: "events" }, NEVER);
    await settle();
    sent[0]?.answer(new Response("<html>", { status: 502 }));

    expect(await outcome).toMatchObject({ kind: "refused", status: 502, code: null });
  });

  test("is unreachable without an answer, and aborted when it was taken back", async () => {
    const { sent, asker } = arrange();
    const taken = new AbortController();

    const lost = asker.ask({ path: "a" }, NEVER);
    const unwanted = asker.ask({ path: "b" }, taken.signal);
    await settle();
    sent[0]?.fail();
    taken.abort();

    expect(await lost).toEqual({ kind: "unreachable" });
    expect(await unwanted).toEqual({ kind: "aborted" });
  });

  test("sends no more questions at a time than the processor answers", async () => {
    const { sent, asker } = arrange();
    const paths = ["a", "b", "c", "d"];

    const all = paths.map((path) => asker.ask({ path }, NEVER));
    await settle();
    expect(sent.map(({ url }) => url)).toEqual(paths.slice(0, IN_FLIGHT_MAX));
    for (let index = 0; index < paths.length; index += 1) {
      sent[index]?.answer(Response.json({}));
      await settle();
      expect(sent.length).toBe(Math.min(paths.length, index + 1 + IN_FLIGHT_MAX));
    }

    expect((await Promise.all(all)).every(({ kind }) => kind === "answered")).toBe(true);
  });

  test("asks again after a pause when too many ask, and gives up after the bound", async () => {
    const { clock, sent, asker } = arrange();

    const outcome = asker.ask({ path: "a" }, NEVER);
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      await settle();
      expect(sent).toHaveLength(attempt);
      sent.at(-1)?.answer(busy());
      await settle();
      clock.pass(PAUSE.msMax);
    }

    const ended = await outcome;
    expect(ended).toMatchObject({ kind: "refused", code: "overloaded" });
    expect(sent).toHaveLength(ATTEMPTS_MAX);
    expect(describeOutcome(ended as Parameters<typeof describeOutcome>[0])).toContain("Try again");
  });

  test("leaves its place to the next question while it pauses", async () => {
    const { sent, asker } = arrange();

    for (const path of ["a", "b", "c"]) void asker.ask({ path }, NEVER);
    await settle();
    sent[0]?.answer(busy());
    await settle();

    expect(sent.map(({ url }) => url)).toEqual(["a", "b", "c"]);
  });
});
