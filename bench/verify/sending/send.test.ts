import { afterEach, expect, test } from "bun:test";

import type { NumberRange } from "../../driver/ledger.ts";
import { noCounts, send, type SendOptions } from "./send.ts";

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Sent {
  readonly eventId: string;
  readonly payload?: unknown;
}

function serve(answer: (events: readonly Sent[]) => Response): readonly [string] {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const body = (await request.json()) as Sent | Sent[];
      return answer(Array.isArray(body) ? body : [body]);
    },
  });
  cleanups.push(() => server.stop(true));
  return [server.url.origin];
}

function options(urls: readonly [string], changes: Partial<SendOptions> = {}): SendOptions {
  return {
    run: { run: "r1", baseMs: 0 },
    first: 100,
    urls,
    headers: {},
    // The last request is due half a second before the time is over, even on a busy machine.
    eventsPerSecond: 100,
    seconds: 1,
    batchEvents: 50,
    connections: 1,
    twiceShare: 0,
    invalidShare: 0,
    repeatsMax: 0,
    random: () => 0.5,
    signal: new AbortController().signal,
    ...changes,
  };
}

test("send() writes the outcome of a request down before its connection sends on", async () => {
  const notes: string[] = [];
  let requests = 0;
  const early: number[] = [];
  const urls = serve(() => {
    if (notes.length < requests) early.push(requests);
    requests += 1;
    return Response.json({ rejected: [] }, { status: 202 });
  });
  const note = (outcome: string, { first, count }: NumberRange) =>
    void notes.push(`${outcome} ${first} ${count}`);

  await send(options(urls), { note }, noCounts());

  expect(early).toEqual([]);
  expect(notes).toEqual(["accepted 100 50", "accepted 150 50"]);
});

test("send() counts events by outcome, and 503s with and without Retry-After", async () => {
  let requests = 0;
  const urls = serve(() => {
    requests += 1;
    if (requests === 1) return new Response("", { status: 503 });
    if (requests === 2) return new Response("", { status: 503, headers: { "Retry-After": "1" } });
    return Response.json({ rejected: [{ index: 4 }] }, { status: 202 });
  });
  const counts = noCounts();
  const load = { eventsPerSecond: 20, batchEvents: 10, repeatsMax: 2 };

  await send(options(urls, load), { note: () => undefined }, counts);

  expect(counts).toMatchObject({ events: 20, acknowledged: 18, refused: 2, unknown: 20 });
  expect(counts).toMatchObject({ unavailable: 2, unavailableWithoutRetryAfter: 1, broken: 0 });
});

test("send() sends a share of the events twice and a share of them invalid", async () => {
  const sent: Sent[] = [];
  const urls = serve((events) => {
    sent.push(...events);
    const invalid = [...events.entries()].filter(([, { payload }]) => payload === undefined);
    const rejected = invalid.map(([index]) => ({ index }));
    return Response.json({ rejected }, { status: 202 });
  });
  const counts = noCounts();
  const shares = { twiceShare: 0.5, invalidShare: 0.2, random: () => 0.2 };

  await send(options(urls, shares), { note: () => undefined }, counts);

  const invalid = sent.filter(({ payload }) => payload === undefined);
  expect(counts.events).toBe(100);
  expect(sent.length).toBeGreaterThan(150);
  expect(counts.refused).toBe(invalid.length);
  expect(invalid.length).toBeGreaterThan(10);
  expect(counts.acknowledged).toBe(sent.length - invalid.length);
  const ids = new Set(sent.map(({ eventId }) => eventId));
  expect([ids.size, ids.has("r1-100"), ids.has("r1-199")]).toEqual([100, true, true]);
});

test("send() sends acknowledged events once more in a later request", async () => {
  const requests: string[][] = [];
  const urls = serve((events) => {
    requests.push(events.map(({ eventId }) => eventId));
    return Response.json({ rejected: [{ index: 0 }] }, { status: 202 });
  });
  let calls = 0;
  // 50 events are not sent twice at once; 49 acknowledged ones are chosen for later.
  const random = () => {
    calls += 1;
    return calls > 50 && calls <= 99 ? 0.2 : 0.9;
  };

  await send(options(urls, { twiceShare: 0.5, random }), { note: () => undefined }, noCounts());

  const [first = [], second = []] = requests;
  expect([first.length, second.length]).toEqual([50, 99]);
  expect(second.slice(50).toSorted()).toEqual(first.slice(1).toSorted());
});
