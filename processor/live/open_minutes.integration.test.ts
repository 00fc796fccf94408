/** The event `counts` over real servers: of events that became rows, on two processors. */
import { encodeEvent, eventually, parseCounts, wallNow, type CountsFrame } from "@tally/shared";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testNames, testStack } from "@tally/stack/testing";
import { openTestDatabase } from "../http/testing/server.ts";
import { testProcessor, type TestProcessor } from "../testing/processor.ts";
import { countsFrame, readOpenMinutes } from "./open_minutes.ts";

const TYPES = 60;
const MINUTE_MS = 60_000;
let world: TestProcessor;

// The servers may have to be started first.
beforeAll(async () => {
  world = await testProcessor();
}, 120_000);
afterAll(() => world.close());

interface Viewer {
  /** Names, ids and data of all events, in their order. */
  readonly events: { event: string; id: string | null; data: string }[];
  /** The first bytes, up to the end of the last event in them. */
  readonly first: string;
  leave(): void;
}

/** Reads the stream as it comes. */
async function view(url: string): Promise<Viewer> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/metrics/stream`, { signal: leaving.signal });
  const viewer = { events: [] as Viewer["events"], first: "", leave: () => leaving.abort() };
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of response.body ?? []) {
      const messages = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
      rest = messages.pop() ?? "";
      viewer.first ||= messages.join("\n\n");
      for (const message of messages) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/m.exec(message) ?? [];
        const id = /^id: (\d+)$/m.exec(message)?.[1] ?? null;
        if (event !== undefined) viewer.events.push({ event, id, data: data ?? "" });
      }
    }
  };
  read().catch(() => undefined);
  return viewer;
}

function countsOf({ events }: Viewer): readonly CountsFrame[] {
  return events.flatMap(({ event, data }) => {
    const counts = event === "counts" ? parseCounts(data) : null;
    return counts === null ? [] : [counts];
  });
}

/** Event `n` of a type with `n` events, and one that lies outside both minutes. */
function valuesOf(tsMs: number): Buffer[] {
  const encode = (eventType: string, ms: number, eventId: string): Buffer => {
    const at = new Date(ms).toISOString();
    const plain = { sessionId: "s-1", eventType, ts: at, receivedAt: at };
    return Buffer.from(encodeEvent({ ...plain, eventId, payload: "{}" }));
  };
  const values = [encode("old", tsMs - 3 * MINUTE_MS, "old")];
  for (let type = 1; type <= TYPES; type++) {
    for (let n = 0; n < type; n++) values.push(encode(`type-${type}`, tsMs, `${type}-${n}`));
  }
  return values;
}

describe("GET /metrics/stream", () => {
  test("GET /metrics/stream has the counts of the rows, of the 50 largest types and the others, on each processor", async () => {
    const [one, other] = [await world.start(), await world.start()];
    // Beside the end of a minute the events would leave both minutes too soon.
    await eventually(() => wallNow() % MINUTE_MS < 40_000, 30_000);
    const sentMs = wallNow();
    const values = valuesOf(sentMs);
    await world.publishValues(values);
    await world.settled(values.length, ["postgres"]);
    // The second sending of all: duplicates, which are not counted.
    await world.publishValues(values);
    await world.settled(2 * values.length, ["postgres"]);
    // The first counts that a viewer gets may be from before the rows.
    const storedMs = wallNow();
    const viewers = [await view(one.url), await view(other.url)];
    const minute = new Date(sentMs - (sentMs % MINUTE_MS)).toISOString();
    const known = (viewer: Viewer) =>
      countsOf(viewer)
        .filter(({ completeUpTo }) => Date.parse(completeUpTo ?? "") > storedMs)
        .map(({ minutes }) => minutes.find((each) => each.minute === minute))
        .at(-1);
    const areComplete = await eventually(() => viewers.every(known), 30_000);

    const named = Array.from({ length: 50 }, (_, index) => TYPES - index);
    const wanted = {
      minute,
      events: (TYPES * (TYPES + 1)) / 2,
      types: Object.fromEntries(named.map((type) => [`type-${type}`, type])),
      other: (10 * 11) / 2,
    };
    expect(areComplete).toBe(true);
    expect(viewers.map(known)).toEqual([wanted, wanted]);
    const seen = countsOf(viewers[0] as Viewer).at(-1)?.minutes ?? [];
    expect(seen).toHaveLength(2);
    for (const viewer of viewers) viewer.leave();
    await Promise.all([one.stop(), other.stop()]);
  }, 120_000);

  test("GET /metrics/stream begins with both events at once, and numbers only the first", async () => {
    const { url, stop } = await world.start();
    const warm = await view(url);
    await eventually(() => countsOf(warm).length > 0, 30_000);
    warm.leave();

    const viewer = await view(url);
    await eventually(() => viewer.events.length >= 6, 30_000);
    viewer.leave();
    await stop();

    expect(viewer.first).toMatch(
      /^retry: \d+\n\nid: \d+\nevent: metrics\ndata: .*\n\nevent: counts\ndata: .*$/,
    );
    const [first, ...others] = viewer.events.flatMap(({ id }) => (id === null ? [] : [Number(id)]));
    expect(others).toEqual(others.map((_, index) => (first ?? 0) + index + 1));
    const idsOfCounts = viewer.events.filter(({ event }) => event === "counts");
    expect(idsOfCounts.every(({ id }) => id === null)).toBe(true);
  }, 120_000);
});

describe("readOpenMinutes()", () => {
  test("readOpenMinutes() sums partitions, and knows no time until the first fill is done", async () => {
    const stack = await testStack();
    const own = await openTestDatabase(stack.postgres.url, testNames().schema);
    const { sql } = own;
    await sql`
      insert into counted_types values (900, 0, 'a', 1), (900, 1, 'b', 1), (900, 1, 'a', 2)`;
    await sql`
      insert into minute_counts (minute, log, partition, total, late, counts)
      select bucket_of('1 minute', now()) + shift * interval '1 minute', 900, partition, total, 0, counts
      from (values (0, 0, 12, '{5}'::bigint[]), (0, 1, 9, '{2,7}'), (3, 0, 1, '{1}')) as
        given (shift, partition, total, counts)`;
    await sql`update counts_fill set completed_at = null`;

    const read = await readOpenMinutes(sql);
    const frame = countsFrame(read, "2026-01-31T07:00:00.000Z");
    await own.close();

    const mine = frame.minutes.find(({ types }) => "a" in types);
    // Seven rows of partition 0 have types without a number.
    expect(mine).toMatchObject({ types: { a: 12, b: 2 }, other: 7 });
    expect(frame.completeUpTo).toBeNull();
    expect(Math.abs(Date.parse(frame.ts) - wallNow())).toBeLessThan(60_000);
  });
});
