/** From the answer to the archive, with every way in which that can stop. */
import { expect, test } from "bun:test";
import type { EventTrace } from "@tally/shared";
import { fakeClock } from "../testing/fake_clock.ts";
import { fakeLine } from "../testing/fake_frame.ts";
import { FOLLOW_MS_MAX, followEvent, POLL_MS_MAX, type Progress } from "./follow_event.ts";

const log = { topic: "events", partition: 3, offset: "7" };
const row = { sessionId: "s-1", eventType: "page_view", ts: "2026-01-31T07:00:00Z", payload: {} };

function trace(changes: Partial<EventTrace>): EventTrace {
  const accepted = { at: "2026-01-31T07:00:00.000Z" };
  return { eventId: "e-1", accepted, log, row: null, archive: null, deadLetter: null, ...changes };
}

const WAITING = trace({ row, archive: fakeLine() });
const ARCHIVED = trace({
  row,
  archive: fakeLine({
    state: "stored",
    key: "events/x.json",
    storedAt: "2026-01-31T07:00:41.000Z",
  }),
});

/** Follows with one answer per question; the last answer is repeated. */
function arrange(answers: (() => Response)[], isArchiveEnabled = true) {
  const clock = fakeClock();
  const urls: string[] = [];
  const seen: Progress[] = [];
  const stop = followEvent("e:1/x", {
    clock,
    fetch: async (url) => {
      const answer = answers[Math.min(urls.length, answers.length - 1)];
      urls.push(url);
      if (answer === undefined) throw new TypeError("Failed to fetch");
      return answer();
    },
    onProgress: (progress) => seen.push(progress),
    isArchiveEnabled: () => isArchiveEnabled,
  });
  /** Lets the answer under way arrive, then moves to the next question. */
  const step = async (ms = POLL_MS_MAX): Promise<void> => {
    await settle();
    clock.pass(ms);
    await settle();
  };
  return { clock, urls, seen, stop, step };
}

/** The answer passes through several promises; none of them waits for anything outside. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

const json = (value: unknown) => () => Response.json(value);
const notFound = () => new Response(null, { status: 404 });

test("followEvent() asks until the event is archived", async () => {
  const { clock, urls, seen, step } = arrange([notFound, json(WAITING), json(ARCHIVED)]);

  await step();
  await step();
  await step();

  expect(urls).toEqual(Array(3).fill("events/e%3A1%2Fx/trace"));
  expect(seen.map((progress) => progress.storedAfterMs)).toEqual([null, 1000, 1000]);
  expect(seen.map((progress) => progress.archivedAfterMs)).toEqual([null, null, 2000]);
  expect(seen.at(-1)).toMatchObject({ state: "done", trace: ARCHIVED, problem: null });
  expect(clock.waiting()).toBe(0);
});

test("followEvent() ends at the row when the archive is off", async () => {
  const { seen, step } = arrange([json(WAITING)], false);

  await step();

  expect(seen.at(-1)).toMatchObject({ state: "done", archivedAfterMs: null });
});

test("followEvent() ends when the event became a dead letter", async () => {
  const deadLetter = { id: "17", code: "field_missing" };
  const { clock, seen, step } = arrange([json(trace({ deadLetter }))]);

  await step();

  expect(seen.at(-1)).toMatchObject({ state: "set_aside", storedAfterMs: null });
  expect(clock.waiting()).toBe(0);
});

test("followEvent() gives up when the bound has passed", async () => {
  const { clock, seen, step } = arrange([json(WAITING)]);

  for (let ms = 0; ms <= FOLLOW_MS_MAX; ms += POLL_MS_MAX) await step();

  expect(seen.at(-1)).toMatchObject({ state: "gave_up", trace: WAITING });
  expect(clock.waiting()).toBe(0);
});

test("followEvent() keeps what it saw and names the problem when answers fail", async () => {
  const refused = () => new Response("oops", { status: 503 });
  const { seen, step } = arrange([json(WAITING), refused, json({ eventId: 1 }), notFound]);

  await step();
  await step();
  await step();
  await step();

  expect(seen.map((progress) => progress.problem)).toEqual([
    null,
    "The processor answers 503; asking again.",
    "The processor's answer is no trace; asking again.",
    null,
    null,
  ]);
  expect(seen.map((progress) => progress.trace)).toEqual(seen.map(() => WAITING));
});

test("followEvent() asks again when the processor can't be reached", async () => {
  const { urls, seen, step } = arrange([]);

  await step();

  expect(urls.length).toBe(2);
  expect(seen[0]).toMatchObject({ state: "following", trace: null });
  expect(seen[0]?.problem).toContain("can't be reached");
});

test("followEvent() asks no more when it was ended", async () => {
  const { clock, seen, stop, step } = arrange([notFound]);

  stop();
  await step();

  expect(seen).toHaveLength(0);
  expect(clock.waiting()).toBe(0);
});
