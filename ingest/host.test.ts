/** Requests with a malformed, absent or very short Host header. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { EVENT, startFaked, type FakedIngest } from "./testing/faked_ingest.ts";
import { RawConnection } from "./testing/raw_connection.ts";

let ingest: FakedIngest;
const connections: RawConnection[] = [];

beforeAll(async () => {
  ingest = await startFaked();
});
afterAll(async () => {
  for (const connection of connections) connection.end();
  await ingest.stop();
});

function connect(): RawConnection {
  const connection = new RawConnection(ingest.url);
  connections.push(connection);
  return connection;
}

/** With these, Bun's `request.url` is not a URL. Bun itself answers 400 to control characters. */
const MALFORMED_HOSTS = ["a b", "[::1", "x:99999", "x:abc", "%zz", "a/b", "http://x", "user@x"];

describe("a Host header", () => {
  test.each(MALFORMED_HOSTS)(
    "a malformed host %p gets 400, and the answer shows no source code",
    async (host) => {
      const connection = connect();
      for (const path of ["/events", "/health/live", "/nowhere"]) {
        await connection.send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      }

      expect(await connection.status(2)).toBe(400);
      expect(connection.statuses).toEqual([400, 400, 400]);
      expect(connection.received.match(/"code":"invalid_host"/g)).toHaveLength(3);
    },
  );

  test.each([
    ["/health/live", 200],
    ["/events", 405],
    ["/nowhere", 404],
  ] as const)("%s without a host gets %i", async (path, status) => {
    const connection = connect();
    await connection.send(`GET ${path} HTTP/1.0\r\n\r\n`);

    expect(await connection.status()).toBe(status);
    expect(connection.received).not.toContain("html");
  });

  test("a host of one letter is served like any other", async () => {
    const connection = connect();
    const head = "POST /events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    await connection.send(`${head}Content-Length: ${EVENT.length}\r\n\r\n${EVENT}`);

    expect(await connection.status()).toBe(202);
  });
});
