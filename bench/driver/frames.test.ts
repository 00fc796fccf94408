/** Frames of a stream that a fake server sends. */
import { afterEach, describe, expect, test } from "bun:test";
import { firstFrame } from "./frames.ts";

const NEVER = new AbortController().signal;
let server: Bun.Server<undefined> | null = null;
afterEach(async () => {
  await server?.stop(true);
  server = null;
});

/** A frame and the counts that come after it. */
function messages(lag: number): string {
  return `id: 1\nevent: metrics\ndata: {"lag":${lag}}\n\nevent: counts\ndata: {"lag":-1}\n\n`;
}

/** Sends frames of these lags, then ends the stream or leaves it open. */
function serve(lags: readonly number[], end: "ended" | "open"): string {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () =>
      new Response(
        new ReadableStream({
          start(controller) {
            for (const lag of lags) controller.enqueue(messages(lag));
            if (end === "ended") controller.close();
          },
        }),
      ),
  });
  return server.url.href.replace(/\/$/, "");
}

describe("firstFrame()", () => {
  test("firstFrame() gives the first frame that is accepted, and no reason", async () => {
    const awaited = await firstFrame(serve([3, 0, 1], "open"), NEVER, ({ lag }) => lag === 0);

    expect(awaited).toMatchObject({ frame: { lag: 0 }, reason: null });
  });

  test("firstFrame() gives the reason when none is accepted, in time or before the stream ends", async () => {
    const over = new AbortController();
    const late = await firstFrame(serve([3, 1], "open"), over.signal, ({ lag }) => {
      if (lag === 1) over.abort();
      return lag === 0;
    });
    await server?.stop(true);
    const ended = await firstFrame(serve([3], "ended"), NEVER, ({ lag }) => lag === 0);

    expect(late).toEqual({ frame: null, reason: "2 frames came in time, and none was it" });
    expect(ended.reason).toBe("1 frames came before the stream ended, and none was it");
  });

  test("firstFrame() gives the reason when nobody answers", async () => {
    const { frame, reason } = await firstFrame("http://127.0.0.1:1", NEVER);

    expect(frame).toBeNull();
    expect(reason).toMatch(/connect/i);
  });
});
