/**
 * Requests that no well-behaved client sends, for the tests of both services: each must get an
 * answer of the service (a problem document), or one that Bun's parser makes without a body.
 */
import { eventually } from "@tally/shared";
import { RawConnection } from "./raw_connection.ts";

const HOST = "Host: localhost\r\n";
const JSON_TYPE = "Content-Type: application/json\r\n";

/** Start lines, each sent with and without a Host, in HTTP/1.1 and HTTP/1.0. */
const STARTS = [
  "/",
  "//",
  "*",
  "/events",
  "/events/",
  "/events//trace",
  "/events/%zz/trace",
  "/%",
  "/%00",
  "/\\..\\etc",
  "/..%2f..%2fetc/passwd",
  "/events?limit=%zz&limit=",
  "/?%",
  "/events#x",
  "/events;a=b",
  "/\u00ff\u00fe",
  "http://localhost/events",
  "http://evil.example/",
  "https://evil.example:99/a",
  "http://",
  "//evil.example/",
  "evil.example:443",
  "events",
  "?",
  "/health/live",
  "/metrics",
  `/${"a".repeat(7000)}`,
].flatMap((target) => ["GET", "POST", "OPTIONS", "HEAD"].map((method) => `${method} ${target}`));

const METHODS = [
  "TRACE",
  "CONNECT",
  "PROPFIND",
  "QUERY",
  "PURGE",
  "M-SEARCH",
  "BREW",
  "get",
  "PRI",
];

/** Whole requests, by what is odd about them. */
const WHOLE: Readonly<Record<string, string>> = {
  "two hosts": `GET /events HTTP/1.1\r\n${HOST}Host: evil.example\r\n\r\n`,
  "the same host twice": `GET /events HTTP/1.1\r\n${HOST}${HOST}\r\n`,
  "an empty host": "GET /events HTTP/1.1\r\nHost:\r\n\r\n",
  "a list of hosts": "GET /events HTTP/1.1\r\nHost: localhost,localhost\r\n\r\n",
  "a host with a path": "GET /events HTTP/1.1\r\nHost: localhost/events\r\n\r\n",
  "two equal lengths": `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`,
  "two lengths": `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `,
  "a list of lengths": `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2, 2\r\n\r\n{}`,
  "two equal lengths of a change": `POST /dead-letters/1/resend HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`,
  "a length with a sign": `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: +2\r\n\r\n{}`,
  "a length beyond numbers": `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: ${"9".repeat(30)}\r\n\r\n{}`,
  "length and chunks": `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  "an unknown transfer encoding": `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  "chunks in HTTP/1.0": `POST /events HTTP/1.0\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  "a chunked change": `POST /dead-letters/1/resend HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  "a trailer": `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n`,
  "an empty line after the body": `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 2\r\n\r\n{}\r\n`,
  "an empty line before the request": `\r\nGET /events HTTP/1.1\r\n${HOST}\r\n`,
  "a body of GET": `GET /events HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n{}`,
  "chunks of GET": `GET /metrics HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  "a body of OPTIONS": `OPTIONS /events HTTP/1.1\r\n${HOST}Content-Length: 2\r\n\r\n{}`,
  "an upgrade": `GET /events HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  "an upgrade to HTTP/2": `GET /events HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
  "an expectation that nobody meets": `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Expect: tea\r\nContent-Length: 2\r\n\r\n{}`,
  "a huge header": `GET /events HTTP/1.1\r\n${HOST}X: ${"a".repeat(100_000)}\r\n\r\n`,
  "many headers": `GET /events HTTP/1.1\r\n${HOST}${"X: 1\r\n".repeat(500)}\r\n`,
  "a header without a name": `GET /events HTTP/1.1\r\n${HOST}: 1\r\n\r\n`,
  "a header with a blank": `GET /events HTTP/1.1\r\n${HOST}X : 1\r\n\r\n`,
  "a folded header": `GET /events HTTP/1.1\r\n${HOST}X: 1\r\n 2\r\n\r\n`,
  "a range": `GET /openapi.json HTTP/1.1\r\n${HOST}Range: bytes=5-1\r\n\r\n`,
  "a preflight of a foreign page": `OPTIONS /events HTTP/1.1\r\n${HOST}Origin: null\r\nAccess-Control-Request-Method: BREW\r\n\r\n`,
  "a TLS hello": "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n",
  "another protocol": "BLAH\r\n\r\n",
};

/** Versions that Bun's parser itself refuses with 505. */
export const ODD_VERSIONS: readonly string[] = [
  "GET /\r\n\r\n",
  `GET / HTTP/1.2\r\n${HOST}\r\n`,
  `P\u00d6ST / HTTP/1.1\r\n${HOST}\r\n`,
];

/** Every odd request: what is odd, and its bytes. */
const ODD_REQUESTS: readonly (readonly [title: string, bytes: string])[] = [
  ...[
    ...STARTS,
    ...METHODS.map((method) => `${method} /events`),
    "CONNECT evil.example:443",
  ].flatMap((start) => [
    [`${start.slice(0, 60)} HTTP/1.1`, `${start} HTTP/1.1\r\n${HOST}\r\n`] as const,
    [`${start.slice(0, 60)} HTTP/1.0 without a host`, `${start} HTTP/1.0\r\n\r\n`] as const,
  ]),
  ...Object.entries(WHOLE),
];

/** Sends every odd request, and lists what is wrong with the answers. */
export async function oddFaults(url: string): Promise<string[]> {
  const faults = await Promise.all(
    ODD_REQUESTS.map(async ([title, bytes]) =>
      (await answerFaults(url, bytes)).map((fault) => `${title}: ${fault}`),
    ),
  );
  return faults.flat();
}

/** What is wrong with the answer to an odd request; an empty list when nothing is. */
export async function answerFaults(url: string, bytes: string): Promise<string[]> {
  const connection = new RawConnection(url);
  await connection.send(Buffer.from(bytes, "latin1"));
  await eventually(() => connection.statuses.length > 0 || connection.isClosed, ANSWER_MS_MAX);
  const { received, statuses, isClosed } = connection;
  connection.end();
  const faults = statuses.filter((status) => status >= 500).map((status) => `status ${status}`);
  if (statuses.length === 0 && !isClosed) faults.push("no answer");
  if (/<html|<!doctype|\.ts:\d|node_modules/i.test(received)) faults.push("not of the service");
  const [head = "", body = ""] = received.split("\r\n\r\n");
  const isRefused = (statuses[0] ?? 0) >= 400;
  if (isRefused && body !== "" && !head.includes("application/problem+json")) {
    faults.push("not a problem document");
  }
  return faults;
}

/** An answer that takes longer never comes. */
const ANSWER_MS_MAX = 10_000;
