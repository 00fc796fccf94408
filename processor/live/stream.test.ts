/** The hub with viewers that read, lag and leave; no socket. */
import { describe, expect, test } from "bun:test";
import { createHub, type DisconnectReason, type Hub, type HubOptions } from "./stream.ts";
import { FakeRoundClock, hubOptions } from "./testing/fake_rounds.ts";

interface Harness {
  readonly hub: Hub;
  readonly counts: number[];
  readonly reasons: DisconnectReason[];
}

function makeHub(options: Partial<HubOptions> = {}): Harness {
  const counts: number[] = [];
  const reasons: DisconnectReason[] = [];
  const hub = createHub(
    hubOptions({
      onSubscribers: (subscribers) => counts.push(subscribers),
      onDisconnected: (reason) => reasons.push(reason),
      ...options,
    }),
  );
  return { hub, counts, reasons };
}

interface Viewer {
  readonly leave: () => void;
  readonly response: Response;
  readonly cuts: number;
  /** The next chunk, as text; null at the end. */
  read(): Promise<string | null>;
}

function subscribe(hub: Hub): Viewer | null {
  const leaving = new AbortController();
  let cuts = 0;
  const response = hub.subscribe({
    signal: leaving.signal,
    ended: null,
    cut: () => {
      cuts += 1;
    },
  });
  if (response === null) return null;
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
  return {
    leave: () => leaving.abort(),
    response,
    get cuts() {
      return cuts;
    },
    async read() {
      const chunk = await reader?.read();
      return chunk?.value === undefined ? null : new TextDecoder().decode(chunk.value);
    },
  };
}

function viewer(hub: Hub): Viewer {
  const made = subscribe(hub);
  if (made === null) throw new Error("the hub is full");
  return made;
}

/** A hub with many viewers that read all the time. @returns What each has got, with the hub. */
async function crowd(count: number) {
  const clock = new FakeRoundClock();
  const made = makeHub({ subscribersMax: count + 1, clock });
  const texts = Array.from({ length: count }, () => "");
  const readAll = async (index: number, { read }: Viewer): Promise<void> => {
    for (let chunk = await read(); chunk !== null; chunk = await read()) texts[index] += chunk;
  };
  for (const index of texts.keys()) void readAll(index, viewer(made.hub));
  return { ...made, clock, texts };
}

/** Lets the viewers read what was sent. @returns How many have the text. */
async function haveGot(texts: readonly string[], text: string): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  return texts.filter((each) => each.includes(text)).length;
}

describe("createHub()", () => {
  test("subscribe() sends retry and the last frame at once when there is one", async () => {
    const { hub } = makeHub();
    hub.announce("metrics", '{"n":1}');
    hub.announce("metrics", '{"n":2}');

    const { response, read } = viewer(hub);

    expect(await read()).toBe('retry: 1500\n\nid: 2\nevent: metrics\ndata: {"n":2}\n\n');
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toContain("no-store");
  });

  test("announce() sends the same bytes to all subscribers", async () => {
    const { hub } = makeHub();
    const viewers = [viewer(hub), viewer(hub)];
    for (const { read } of viewers) await read();

    hub.announce("metrics", "{}");

    const frames = await Promise.all(viewers.map(({ read }) => read()));
    expect(frames).toEqual(["id: 1\nevent: metrics\ndata: {}\n\n", frames[0] ?? null]);
  });

  test("announce() sends the second event in the same bytes, without an id, at once to a new viewer", async () => {
    const { hub } = makeHub();
    const early = viewer(hub);
    await early.read();

    hub.announce("metrics", "{}", { event: "counts", data: '{"n":1}' });
    const late = viewer(hub);
    hub.announce("metrics", "{}");

    const both = 'id: 1\nevent: metrics\ndata: {}\n\nevent: counts\ndata: {"n":1}\n\n';
    expect(await early.read()).toBe(both);
    expect(await late.read()).toBe(`retry: 1500\n\n${both}`);
    expect(await late.read()).toBe("id: 2\nevent: metrics\ndata: {}\n\n");
  });

  test("heartbeat() sends a comment between frames", async () => {
    const { hub } = makeHub();
    const { read } = viewer(hub);
    await read();

    hub.heartbeat();

    expect(await read()).toBe(": heartbeat\n\n");
  });

  test("announce() sends to many viewers over half of the interval, and not to all at once", async () => {
    const { hub, clock, texts } = await crowd(2000);

    hub.announce("metrics", '{"n":1}');
    const first = await haveGot(texts, "id: 1");
    clock.advance(250);
    const half = await haveGot(texts, "id: 1");
    clock.advance(250);
    const all = await haveGot(texts, "id: 1");

    expect(first).toBe(20);
    expect(half).toBeGreaterThan(900);
    expect(half).toBeLessThan(1100);
    expect(all).toBe(2000);
    expect(clock.waiting).toBe(0);
  });

  test("announce() lets a viewer that waits skip to the newest frame", async () => {
    const { hub, clock, texts } = await crowd(200);
    hub.announce("metrics", '{"n":1}');

    hub.announce("metrics", '{"n":2}');
    clock.advance(1000);

    // The first slice was sent at once; then the others come first.
    await haveGot(texts, "");
    const ids = texts.map((text) => text.match(/id: \d/g));
    expect(ids.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => ["id: 1", "id: 2"]));
    expect(ids.slice(20)).toEqual(Array.from({ length: 180 }, () => ["id: 2"]));
  });

  test("subscribe() sends the frame of a round under way once, at once", async () => {
    const { hub, clock } = await crowd(200);
    hub.announce("metrics", '{"n":1}');

    const { read } = viewer(hub);
    const first = await read();
    clock.advance(1000);
    hub.heartbeat();
    clock.advance(1000);
    const second = await read();

    expect(first).toContain("id: 1\n");
    expect(second).toBe(": heartbeat\n\n");
  });

  test("heartbeat() sends the newest frame, and no comment, to a viewer that waits for it", async () => {
    const { hub, clock, texts } = await crowd(100);
    hub.announce("metrics", "{}");

    hub.heartbeat();
    clock.advance(1000);

    expect(await haveGot(texts, ": heartbeat")).toBe(20);
    expect(await haveGot(texts, "id: 1")).toBe(100);
  });

  test("close() ends all streams when a round is under way, and sends nothing after it", async () => {
    const { hub, clock, texts, reasons } = await crowd(100);
    hub.announce("metrics", "{}");

    hub.close();
    const { waiting } = clock;
    clock.advance(1000);

    expect(reasons).toHaveLength(100);
    expect(waiting).toBe(0);
    expect(await haveGot(texts, "id: 1")).toBe(20);
  });

  test("announce() disconnects a viewer when it leaves more unread than allowed, and only that one", async () => {
    const { hub, reasons } = makeHub();
    const slow = viewer(hub);
    const quick = viewer(hub);
    const frames: (string | null)[] = [];
    await quick.read();

    for (let sent = 0; sent < 10; sent++) {
      hub.announce("metrics", "x".repeat(300));
      frames.push(await quick.read());
    }

    expect(reasons).toEqual(["slow"]);
    expect(slow.cuts).toBe(1);
    await expect(slow.read()).rejects.toBeUndefined();
    expect(quick.cuts).toBe(0);
    expect(frames.every((frame) => frame?.includes("xxx"))).toBe(true);
    expect(hub.subscribers).toBe(1);
  });

  test("announce() keeps a viewer when one frame alone is above the bound and is read", async () => {
    const { hub, reasons } = makeHub();
    const { read } = viewer(hub);
    await read();

    for (let sent = 0; sent < 3; sent++) {
      hub.announce("metrics", "x".repeat(5000));
      await read();
    }

    expect(reasons).toEqual([]);
    expect(hub.subscribers).toBe(1);
  });

  test("subscribe() refuses when there are too many, and accepts one again after one has left", () => {
    const { hub, counts } = makeHub({ subscribersMax: 2 });
    const first = viewer(hub);
    viewer(hub);

    const third = subscribe(hub);
    first.leave();
    const fourth = subscribe(hub);

    expect(third).toBeNull();
    expect(fourth).not.toBeNull();
    expect(counts).toEqual([1, 2, 1, 2]);
  });

  test("subscribe() keeps no subscriber when the viewer has left already", () => {
    const { hub, counts } = makeHub();

    hub.subscribe({ signal: AbortSignal.abort(), ended: null, cut: () => undefined });

    expect(hub.subscribers).toBe(0);
    expect(counts.at(-1)).toBe(0);
  });

  test("close() ends every stream and accepts no new one when the service stops", async () => {
    const { hub, reasons } = makeHub();
    const { read } = viewer(hub);
    await read();

    hub.close();

    expect(await read()).toBeNull();
    expect(subscribe(hub)).toBeNull();
    expect(reasons).toEqual(["shutdown"]);
  });
});
