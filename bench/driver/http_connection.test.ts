/** The driver's HTTP client, against Bun's server and against a broken one. */
import { afterEach, expect, test } from "bun:test";

import { createAnswerReader } from "./http_answer.ts";
import { BrokenRequest, HttpConnection } from "./http_connection.ts";

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function serve(answer: (request: Request) => Response | Promise<Response>): string {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  cleanups.push(() => server.stop(true));
  return `${server.url}events`;
}

function connect(url: string, answerMsMax = 5000): HttpConnection {
  const connection = new HttpConnection({ url, headers: { "X-Test": "yes" }, answerMsMax });
  cleanups.push(() => connection.close());
  return connection;
}

async function breakage(work: Promise<unknown>): Promise<BrokenRequest> {
  const error = await work.catch((thrown: unknown) => thrown);
  if (error instanceof BrokenRequest) return error;
  throw new Error(`expected a BrokenRequest, got ${String(error)}`);
}

test("post() sends body and headers, and reuses its connection", async () => {
  const seen: string[] = [];
  const url = serve(async (request) => {
    seen.push(`${request.method} ${request.headers.get("x-test")} ${await request.text()}`);
    return new Response(`answer ${seen.length}`, { status: 202 });
  });
  const connection = connect(url);

  const answers = [await connection.post("one"), await connection.post("two")];

  expect(seen).toEqual(["POST yes one", "POST yes two"]);
  expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual([
    "202 answer 1",
    "202 answer 2",
  ]);
});

test("post() sends all of a body that is larger than the socket takes at once", async () => {
  const url = serve(async (request) => new Response(String((await request.text()).length)));

  const { body } = await connect(url).post("x".repeat(20_000_000));

  expect(body).toBe("20000000");
});

test("post() breaks as not sent when no server listens", async () => {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const { port } = server;
  await server.stop(true);

  const broken = await breakage(connect(`http://127.0.0.1:${port}/events`).post("{}"));

  expect(broken.sent).toBe(false);
});

test("post() breaks as sent, and connects again, when the server closes the connection", async () => {
  let connections = 0;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: () => void (connections += 1),
      data(socket) {
        if (connections === 1) socket.terminate();
        else socket.write("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok");
      },
    },
  });
  cleanups.push(() => server.stop(true));
  const connection = connect(`http://127.0.0.1:${server.port}/events`);

  const broken = await breakage(connection.post("{}"));
  const answer = await connection.post("{}");

  expect(broken.sent).toBe(true);
  expect(answer.body).toBe("ok");
});

test("post() breaks as sent when no answer comes in time", async () => {
  const url = serve(() => new Promise<Response>(() => undefined));

  const broken = await breakage(connect(url, 50).post("{}"));

  expect([broken.sent, broken.message]).toEqual([true, "no answer within 50 ms"]);
});

test.each([
  ["a length", "HTTP/1.1 202 Accepted\r\ncontent-length: 5\r\n\r\nhello"],
  [
    "chunks",
    "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
  ],
])("createAnswerReader() reads a body with %s when it arrives byte by byte", (_, text) => {
  const reader = createAnswerReader();

  const answers = [...text].map((byte) => reader.push(Buffer.from(byte)));

  expect(answers.slice(0, -1).every((answer) => answer === null)).toBe(true);
  expect(answers.at(-1)).toEqual({
    status: 202,
    body: "hello",
    closes: false,
    hasRetryAfter: false,
  });
});

test.each(["ICY 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"])(
  "createAnswerReader() throws when the bytes are %p",
  (text) => {
    expect(() => createAnswerReader().push(Buffer.from(text))).toThrow("Cannot read the answer");
  },
);
