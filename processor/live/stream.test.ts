/** The hub with viewers that read, lag and leave; no socket. */
import { describe, expect, test } from "bun:test";
import { createHub, type DisconnectReason, type Hub, type HubOptions } from "./stream.ts";

interface Harness {
  readonly hub: Hub;
  readonly counts: number[];
  readonly reasons: DisconnectReason[];
}

function makeHub(options: Partial<HubOptions> = {}): Harness {
  const counts: number[] = [];
  const reasons: DisconnectReason[] = [];
  const hub = createHub({
    subscribersMax: 3,
    subscriberBytesMax: 1000,
    retryMs: 1500,
    onSubscribers: (subscribers) => counts.push(subscribers),
    onDisconnected: (reason) => reasons.push(reason),
    ...options,
  });
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

  test("heartbeat() sends a comment between frames", async () => {
    const { hub } = makeHub();
    const { read } = viewer(hub);
    await read();

    hub.heartbeat();

    expect(await read()).toBe(": heartbeat\n\n");
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

    hub.subscribe({ signal: AbortSignal.abort(), cut: () => undefined });

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
