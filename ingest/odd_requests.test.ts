/** Odd requests over real sockets: no 5xx, and no answer that is not the service's. */
import { answerFaults, ODD_VERSIONS, oddFaults } from "@tally/stack/testing/odd_requests";
import { RawConnection } from "@tally/stack/testing/raw_connection";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { EVENT, post, startFaked, type FakedIngest } from "./testing/faked_ingest.ts";

let ingest: FakedIngest;

beforeAll(async () => {
  ingest = await startFaked();
});
afterAll(() => ingest.stop());

test("serve() answers every odd request itself, without a 5xx", async () => {
  expect(await oddFaults(ingest.url)).toEqual([]);
});

test.each(ODD_VERSIONS)("serve() leaves %p to Bun's parser, and goes on", async (bytes) => {
  expect(await answerFaults(ingest.url, bytes)).toEqual(["status 505"]);
  expect((await fetch(`${ingest.url}/health/live`)).status).toBe(200);
});

const POST_HEAD = "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

describe("what is not HTTP or not a sensible request", () => {
  const table: [title: string, text: string, status: number][] = [
    ["garbage", "BLAH\r\n\r\n", 400],
    [
      "a huge header",
      `POST /events HTTP/1.1\r\nHost: localhost\r\nX-A: ${"a".repeat(100_000)}\r\n\r\n`,
      431,
    ],
    ["the same length twice", `${POST_HEAD}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`, 400],
    [
      "a negative length",
      "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: -4\r\n\r\n",
      400,
    ],
    [
      "two lengths",
      "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    [
      "a broken chunk",
      "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      400,
    ],
  ];
  test.each(table)("%s gets its status", async (_title, text, status) => {
    const connection = new RawConnection(ingest.url);
    await connection.send(text);

    expect(await connection.status()).toBe(status);
    connection.end();
    expect((await post(ingest.url, EVENT)).status).toBe(202);
  });
});
