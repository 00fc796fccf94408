/** Bodies in chunks, and what may follow a body, over real sockets. */
import { RawConnection } from "@tally/stack/testing/raw_connection";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { EVENT, metric, startFaked, until, type FakedIngest } from "./testing/faked_ingest.ts";

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

describe("bytes after a chunked body", () => {
  const CHUNKS = `${EVENT.length.toString(16)}\r\n${EVENT}\r\n0\r\n`;

  test("close the connection with one 400, and nothing is stored, when they are a trailer", async () => {
    for (const isSplit of [false, true]) {
      const connection = connect();
      const head =
        "POST /events HTTP/1.1\r\nHost: a.localhost\r\nContent-Type: application/json\r\n";
      const begin = `${head}Transfer-Encoding: chunked\r\n\r\n`;
      if (isSplit) await connection.send(begin);
      await connection.send(`${isSplit ? "" : begin}${CHUNKS}X: y\r\n\r\n`);

      await until(() => connection.isClosed);
      expect(connection.statuses).toEqual([400]);
    }
    expect(await metric(ingest.url, "ingest_events_accepted_total")).toBe(0);
  });

  test("never follow the answer: the connection ends with it", async () => {
    const connection = connect();
    await connection.sendHead("Transfer-Encoding: chunked");
    await connection.send(`${CHUNKS}\r\n`);

    expect(await connection.status()).toBe(202);
    expect(connection.received.toLowerCase()).toContain("connection: close");
    await until(() => connection.isClosed);
  });
});
