/** The live stream over real sockets: many viewers, some that never read, some that leave. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { eventually } from "@tally/shared";
import type { Socket } from "bun";
import type { Database } from "@tally/shared/database";
import { startServer, type ProcessorServer } from "./server.ts";
import { testParts } from "./testing/server.ts";
import { ROUND_CLOCK } from "../live/rounds.ts";
import { createHub, type DisconnectReason, type Hub } from "../live/stream.ts";

const NO_DATABASE = (() => undefined) as unknown as Database;
const VIEWERS = 400;
const NEVER_READING = 5;
let hub: Hub;
let server: ProcessorServer;
let reasons: DisconnectReason[];
let sockets: Socket[];

beforeEach(() => {
  reasons = [];
  sockets = [];
  const parts = testParts(NO_DATABASE);
  hub = createHub({
    subscribersMax: VIEWERS + NEVER_READING,
    subscriberBytesMax: 256 * 1024,
    retryMs: 1000,
    intervalMs: 1000,
    clock: ROUND_CLOCK,
    onDisconnected: (reason) => reasons.push(reason),
  });
  server = startServer({ ...parts, hub });
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await server.stop(1000);
});

test("startServer() throws when the port is taken", () => {
  const { port } = new URL(server.url);
  const parts = testParts(NO_DATABASE, { PROCESSOR_PORT: port });

  expect(() => startServer(parts)).toThrow("in use");
});

interface Viewer {
  readonly socket: Socket;
  /** Everything received, for viewers that read. */
  text: string;
  isClosed: boolean;
}

const HEAD = "HTTP/1.1\r\nHost: localhost";

/** Opens a raw connection and asks for a path. */
async function open(path: string, reads = true, head = HEAD): Promise<Viewer> {
  const { hostname, port } = new URL(server.url);
  const state = { text: "", isClosed: false };
  const decoder = new TextDecoder();
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open(opened) {
        opened.write(`GET ${path} ${head}\r\n\r\n`);
        if (!reads) opened.pause();
      },
      data(_, bytes) {
        state.text += decoder.decode(bytes, { stream: true });
      },
      close() {
        state.isClosed = true;
      },
    },
  });
  sockets.push(socket);
  return Object.assign(state, { socket });
}

function openMany(count: number, reads = true): Promise<Viewer[]> {
  return Promise.all(Array.from({ length: count }, () => open("/metrics/stream", reads)));
}

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  expect(await eventually(isDone, 30_000)).toBe(true);
}

/** The numbers of the frames that a viewer has got. */
function idsOf({ text }: Viewer): number[] {
  return [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
}

describe("GET /metrics/stream", () => {
  test("GET /metrics/stream sends headers, the last frame at once, and the next when it is announced", async () => {
    hub.announce("metrics", '{"n":1}');

    const viewer = await open("/metrics/stream");
    await until(() => viewer.text.includes('data: {"n":1}'));
    hub.announce("metrics", '{"n":2}');
    await until(() => viewer.text.includes('data: {"n":2}'));

    expect(viewer.text).toStartWith("HTTP/1.1 200 OK\r\n");
    expect(viewer.text.toLowerCase()).toContain("content-type: text/event-stream; charset=utf-8");
    expect(viewer.text).toContain("retry: 1000\n\nid: 1\nevent: metrics\n");
  });

  test("GET /metrics/stream serves a viewer of HTTP/1.0, and notices when it leaves", async () => {
    hub.announce("metrics", '{"n":1}');

    const viewer = await open("/metrics/stream", true, "HTTP/1.0\r\nHost: localhost");
    await until(() => viewer.text.includes('data: {"n":1}'));
    expect(hub.subscribers).toBe(1);
    viewer.socket.terminate();

    await until(() => hub.subscribers === 0);
  });

  test("GET /metrics/stream disconnects viewers that never read while the others miss nothing", async () => {
    const viewers = await openMany(20);
    const slow = await openMany(NEVER_READING, false);
    await until(() => hub.subscribers === viewers.length + NEVER_READING);

    // Each socket buffers some MB: frames are sent until these buffers are full, too.
    let frames = 0;
    const large = JSON.stringify({ x: "x".repeat(200_000) });
    await until(async () => {
      frames += 1;
      hub.announce("metrics", large);
      await until(() => viewers.every(({ text }) => text.includes(`id: ${frames}\n`)));
      for (const viewer of viewers) viewer.text = "";
      return hub.subscribers === viewers.length;
    });
    for (const { socket } of slow) socket.resume();
    await until(() => slow.every(({ isClosed }) => isClosed));

    expect(reasons).toEqual(Array.from({ length: NEVER_READING }, () => "slow" as const));
    expect(viewers.some(({ isClosed }) => isClosed)).toBe(false);
  });

  test("GET /metrics/stream gives every frame to each of 400 viewers, and 503 to one viewer too many", async () => {
    const viewers = await openMany(VIEWERS);
    await openMany(NEVER_READING, false);
    await until(() => hub.subscribers === VIEWERS + NEVER_READING);

    for (let frame = 1; frame <= 10; frame++) {
      hub.announce("metrics", '{"n":1}');
      await until(() => viewers.every(({ text }) => text.includes(`id: ${frame}\n`)));
    }
    const refused = await fetch(`${server.url}/metrics/stream`);

    const ids = Array.from({ length: 10 }, (_, index) => index + 1);
    expect(viewers.filter((viewer) => !Bun.deepEquals(idsOf(viewer), ids))).toEqual([]);
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: "overloaded" }]);
  });

  test("GET /metrics/stream gives each viewer the newest frame, and none twice, when frames come too fast", async () => {
    const viewers = await openMany(VIEWERS);
    await until(() => hub.subscribers === VIEWERS);

    for (let frame = 1; frame <= 20; frame++) hub.announce("metrics", '{"n":1}');
    await until(() => viewers.every(({ text }) => text.includes("id: 20\n")));

    const skipped = viewers.filter((viewer) => idsOf(viewer).length === 1);
    const isAscending = (ids: readonly number[]) =>
      ids.every((id, index) => id > (ids[index - 1] ?? 0));
    expect(skipped.length).toBeGreaterThan(VIEWERS / 2);
    expect(viewers.filter((viewer) => !isAscending(idsOf(viewer)))).toEqual([]);
  });

  test("GET /metrics/stream frees a viewer's place when it leaves", async () => {
    const viewers = await openMany(50);
    await until(() => hub.subscribers === 50);

    for (const { socket } of viewers.slice(0, 25)) socket.terminate();
    for (const { socket } of viewers.slice(25)) socket.end();
    await until(() => hub.subscribers === 0);

    hub.announce("metrics", "{}");
    expect(reasons).toEqual([]);
  });

  test("stop() ends the streams and accepts no new connection", async () => {
    const viewer = await open("/metrics/stream");
    await until(() => hub.subscribers === 1);

    await server.stop(2000);
    await until(() => viewer.isClosed);

    expect(viewer.text).toEndWith("0\r\n\r\n");
    expect(reasons).toEqual(["shutdown"]);
    await expect(fetch(server.url)).rejects.toThrow();
  });
});

describe("startServer()", () => {
  test("startServer() serves no file outside the build when a raw path climbs", async () => {
    for (const path of ["/../server.ts", "/assets/../../package.json", "/..%2f..%2fetc/passwd"]) {
      const viewer = await open(path);
      await until(() => viewer.text.includes("\r\n\r\n"));
      expect(viewer.text).toStartWith("HTTP/1.1 404 Not Found\r\n");
    }
  });

  test("startServer() still serves after requests that are broken or too large", async () => {
    const { hostname, port } = new URL(server.url);
    const socket = await Bun.connect({ hostname, port: Number(port), socket: { data() {} } });
    sockets.push(socket);
    socket.write("NONSENSE\r\n\r\n");
    const tooLarge = await fetch(`${server.url}/events`, {
      method: "POST",
      body: "x".repeat(1_000_000),
    });

    expect([405, 413]).toContain(tooLarge.status);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  });
});
