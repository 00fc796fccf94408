/** The stream's states, with an event source and a clock that the test drives. */
import { expect, test } from "bun:test";
import type { CountsFrame, MetricsFrame } from "@tally/shared";
import { backoffMs } from "@tally/shared/backoff";
import { fakeClock } from "../testing/fake_clock.ts";
import { fakeFrame } from "../testing/fake_frame.ts";
import {
  BACKOFF,
  type Connection,
  type FrameSource,
  HANG_AFTER_MS,
  openStream,
  parseFrame,
  STALE_AFTER_MS,
} from "./stream.ts";

type Listener = (event: { readonly data?: unknown }) => void;

class FakeSource implements FrameSource {
  closed = false;
  readonly #listeners = new Map<string, Listener>();

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.closed = true;
  }

  frame(ts: string): void {
    this.#listeners.get("metrics")?.({ data: JSON.stringify(fakeFrame({ ts })) });
  }

  counts(data: unknown): void {
    this.#listeners.get("counts")?.({ data });
  }
  raw(data: unknown): void {
    this.#listeners.get("metrics")?.({ data });
  }

  fail(): void {
    this.#listeners.get("error")?.({});
  }
}

function arrange({ isHidden = false } = {}) {
  const clock = fakeClock();
  const sources: FakeSource[] = [];
  const connections: Connection[] = [];
  const frames: MetricsFrame[] = [];
  const counts: CountsFrame[] = [];
  const stream = openStream({
    open: () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    clock,
    isHidden,
    random: () => 1,
    onFrame: (frame) => frames.push(frame),
    onCounts: (frame) => counts.push(frame),
    onConnection: (connection) => connections.push(connection),
  });
  const source = (index: number): FakeSource => {
    const found = sources[index];
    if (found === undefined) throw new Error(`Cannot take source ${index}: not opened yet`);
    return found;
  };
  return { clock, sources, source, connections, frames, counts, stream };
}

test("openStream() is live when a frame comes", () => {
  const { source, connections, frames } = arrange();

  source(0).frame("2026-01-31T07:00:00.000Z");

  expect(connections).toEqual([{ kind: "connecting" }, { kind: "live" }]);
  expect(frames.map((frame) => frame.ts)).toEqual(["2026-01-31T07:00:00.000Z"]);
});

test("openStream() is stale since the last frame when frames stop coming", () => {
  const { clock, source, connections } = arrange();
  source(0).frame("2026-01-31T07:00:00.000Z");
  const sinceMs = clock.wallNow();

  clock.pass(STALE_AFTER_MS);

  expect(connections.at(-1)).toEqual({ kind: "stale", sinceMs });
});

test("openStream() is stale when the same frame is repeated", () => {
  const { clock, source, connections, frames } = arrange();
  source(0).frame("2026-01-31T07:00:00.000Z");

  for (let second = 0; second < 4; second += 1) {
    clock.pass(1000);
    source(0).frame("2026-01-31T07:00:00.000Z");
  }

  expect(connections.at(-1)?.kind).toBe("stale");
  expect(frames).toHaveLength(1);
});

test("openStream() is live again when a new frame comes on a stale connection", () => {
  const { clock, source, sources, connections } = arrange();
  source(0).frame("2026-01-31T07:00:00.000Z");
  clock.pass(STALE_AFTER_MS + 1000);

  source(0).frame("2026-01-31T07:00:05.000Z");

  expect(connections.at(-1)).toEqual({ kind: "live" });
  expect(sources).toHaveLength(1);
});

test("openStream() replaces the connection when it hangs", () => {
  const { clock, source, sources, connections } = arrange();
  source(0).frame("2026-01-31T07:00:00.000Z");

  clock.pass(HANG_AFTER_MS);

  expect(source(0).closed).toBe(true);
  expect(connections.at(-1)).toMatchObject({ kind: "reconnecting", attempt: 1 });
  clock.pass(BACKOFF.msMax);
  expect(sources).toHaveLength(2);
});

test("openStream() reconnects with growing pauses when the server refuses", () => {
  const { clock, source, sources, connections } = arrange();
  const pausesMs: number[] = [];

  for (let index = 0; index < 7; index += 1) {
    source(index).fail();
    const last = connections.at(-1);
    if (last?.kind !== "reconnecting" || last.retryAtMs === null) throw new Error("no pause");
    pausesMs.push(last.retryAtMs - clock.now());
    clock.pass(last.retryAtMs - clock.now());
  }

  expect(pausesMs).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  expect(sources).toHaveLength(8);
  expect(sources.slice(0, 7).every((source) => source.closed)).toBe(true);
});

test("openStream() keeps its pauses when the viewer's clock is set meanwhile", () => {
  const { clock, source, sources, connections } = arrange();
  source(0).fail();
  const before = connections.at(-1);

  clock.set(-3_600_000);
  const leftMs =
    before?.kind === "reconnecting" && before.retryAtMs !== null
      ? before.retryAtMs - clock.now()
      : -1;
  clock.pass(leftMs);

  expect(leftMs).toBe(1000);
  expect(sources).toHaveLength(2);
});

test("openStream() starts the pauses again when a frame came in between", () => {
  const { clock, source, connections } = arrange();
  source(0).fail();
  clock.pass(1000);
  source(1).frame("2026-01-31T07:00:00.000Z");

  source(1).fail();

  const retryAtMs = clock.now() + 1000;
  const sinceMs = clock.wallNow();
  expect(connections.at(-1)).toEqual({ kind: "reconnecting", sinceMs, attempt: 1, retryAtMs });
});

test("openStream() ignores a source when it was replaced", () => {
  const { clock, source, frames } = arrange();
  source(0).fail();
  clock.pass(1000);

  source(0).frame("2026-01-31T07:00:00.000Z");
  source(0).fail();

  expect(frames).toHaveLength(0);
  expect(source(1).closed).toBe(false);
});

test("retryNow() connects at once when the stream waits", () => {
  const { clock, source, sources, stream } = arrange();
  source(0).fail();

  stream.retryNow();
  clock.pass(0);

  expect(sources).toHaveLength(2);
});

test("retryNow() changes nothing when the stream is connected", () => {
  const { clock, sources, stream } = arrange();

  stream.retryNow();
  clock.pass(0);

  expect(sources).toHaveLength(1);
});

test("openStream() hands on the counts that can be read", () => {
  const { source, counts } = arrange();
  const frame = { ts: "2026-01-31T07:00:00.000Z", completeUpTo: null, minutes: [] };

  source(0).counts(JSON.stringify(frame));
  source(0).counts("{}");

  expect(counts).toEqual([frame]);
});

test("show() closes the connection of a hidden page, and opens it again when it is shown", () => {
  const { clock, source, sources, connections, stream } = arrange();
  source(0).frame("2026-01-31T07:00:00.000Z");

  stream.show(false);
  expect(source(0).closed).toBe(true);
  expect(clock.waiting()).toBe(0);
  stream.retryNow();
  clock.pass(HANG_AFTER_MS);
  expect(sources).toHaveLength(1);

  stream.show(true);
  clock.pass(0);
  expect(sources).toHaveLength(2);
  expect(connections.at(-1)?.kind).toBe("reconnecting");
  source(1).frame("2026-01-31T07:01:00.000Z");
  expect(connections.at(-1)).toEqual({ kind: "live" });
});

test("show() changes nothing when the page was never hidden", () => {
  const { clock, sources, stream } = arrange();

  stream.show(true);
  clock.pass(0);

  expect(sources).toHaveLength(1);
});

test("close() leaves no timer and no connection", () => {
  const { clock, source, stream } = arrange();

  stream.close();

  expect(source(0).closed).toBe(true);
  expect(clock.waiting()).toBe(0);
});

test("openStream() shows nothing of a frame that can't be read", () => {
  const { clock, source, connections, frames } = arrange();

  source(0).raw("{");
  source(0).raw("{}");
  source(0).raw(undefined);
  clock.pass(HANG_AFTER_MS);

  expect(frames).toHaveLength(0);
  expect(connections.at(-1)?.kind).toBe("reconnecting");
});

test("parseFrame() returns null when a part that the page walks through is missing", () => {
  const { partitions: _, ...rest } = fakeFrame();

  expect(parseFrame(JSON.stringify(rest))).toBeNull();
  expect(parseFrame(JSON.stringify({ ...rest, partitions: {} }))).toBeNull();
  expect(parseFrame(JSON.stringify({ ...rest, partitions: [] }))).not.toBeNull();
});

test("BACKOFF gives pauses of half a second up to fifteen", () => {
  expect(backoffMs(1, BACKOFF, 0)).toBe(500);
  expect(backoffMs(1, BACKOFF, 1)).toBe(1000);
  expect(backoffMs(1_000_000, BACKOFF, 1)).toBe(15_000);
});

test("openStream() connects only when the page is shown, when it opens hidden", () => {
  const { clock, sources, source, connections, stream } = arrange({ isHidden: true });
  clock.pass(HANG_AFTER_MS);
  expect(sources).toHaveLength(0);

  stream.show(true);
  clock.pass(0);
  source(0).frame("2026-01-31T07:00:00.000Z");

  expect(connections).toEqual([{ kind: "connecting" }, { kind: "live" }]);
});
