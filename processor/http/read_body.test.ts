import { describe, expect, test } from "bun:test";
import { readBody } from "./read_body.ts";

type Source = string | ReadableStream<Uint8Array>;

function requestOf(body?: Source, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/", { method: "POST", headers, ...(body && { body }) });
}

function chunks(...sizes: number[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const size of sizes) controller.enqueue(new Uint8Array(size).fill(32));
      controller.close();
    },
  });
}

describe("readBody()", () => {
  test("readBody() gives the text, and an empty one when there is no body", async () => {
    expect(await readBody(requestOf("{}"))).toEqual({ kind: "text", text: "{}" });
    expect(await readBody(requestOf())).toEqual({ kind: "text", text: "" });
  });

  test("readBody() skips a byte order mark", async () => {
    expect(await readBody(requestOf("\ufeff{}"))).toEqual({ kind: "text", text: "{}" });
  });

  test.each([
    ["invalid_body", requestOf(new Blob([Buffer.from('{"a":"\xff"}', "latin1")]).stream())],
    ["body_too_large", requestOf(chunks(16_000, 1000))],
    ["body_too_large", requestOf(undefined, { "content-length": "16385" })],
    ["invalid_body", requestOf(undefined, { "content-length": "2, 2" })],
  ] as const)("readBody() refuses with %s", async (code, request) => {
    expect(await readBody(request)).toEqual({ kind: "refused", problem: { code } });
  });

  test("readBody() refuses with body_too_slow when the body does not end in time", async () => {
    const endless = new ReadableStream<Uint8Array>({
      start: (it) => it.enqueue(new Uint8Array(1)),
    });

    const read = await readBody(requestOf(endless), { waitMsMax: 1 });

    expect(read).toEqual({ kind: "refused", problem: { code: "body_too_slow" } });
  });

  test("readBody() refuses with invalid_body when the client goes away", async () => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("gone")),
    });

    const read = await readBody(requestOf(broken));

    expect(read).toEqual({ kind: "refused", problem: { code: "invalid_body" } });
  });
});
