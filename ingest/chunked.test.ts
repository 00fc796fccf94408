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

/** A body as one chunk, without the empty line at its end. */
function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n`;
}

describe("bytes after a chunked body", () => {
  const CHUNKS = chunked(EVENT);

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

  test.each([
    [202, "/events", EVENT],
    [400, "/events", "x"],
    [413, "/events", JSON.stringify(Array(5001).fill(0))],
    [422, "/events", "{}"],
    [200, "/v1/track", '{"anonymousId":"a","event":"t","messageId":"m"}'],
    [400, "/v1/batch", "{}"],
  ])("never follow a %i to %s: the connection ends with it", async (status, path, body) => {
    const connection = connect();
    const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
    await connection.send(`${head}Transfer-Encoding: chunked\r\n\r\n${chunked(body)}`);

    expect(await connection.status()).toBe(status);
    expect(connection.received.toLowerCase()).toContain("connection: close");
    await connection.send("X: y\r\n\r\n");
    await until(() => connection.isClosed);
    expect(connection.statuses).toEqual([status]);
  });
});

describe("an empty line after a body with a length", () => {
  test("before the answer gets its sender a 400, although the event is stored", async () => {
    const { producer } = ingest;
    const stored = producer.log.length;
    producer.answering = "hold";
    const connection = connect();
    await connection.sendHead(`Content-Length: ${EVENT.length}`);
    await connection.send(`${EVENT}\r\n`);

    await until(() => connection.isClosed);
    await until(() => producer.queuedRecords === 1);
    producer.answering = "acknowledge";
    producer.answerHeld();
    expect(connection.statuses).toEqual([400]);
    expect(producer.log.length).toBe(stored + 1);
  });

  test("after the answer gets the next request a 400: it is not stored", async () => {
    const accepted = () => metric(ingest.url, "ingest_events_accepted_total");
    const before = await accepted();
    const connection = connect();
    await connection.sendHead(`Content-Length: ${EVENT.length}`);
    await connection.send(EVENT);
    expect(await connection.status()).toBe(202);

    await connection.send("\r\n");
    await connection.sendHead(`Content-Length: ${EVENT.length}`);
    await connection.send(EVENT);

    await until(() => connection.isClosed);
    expect(connection.statuses).toEqual([202, 400]);
    expect(await accepted()).toBe(before + 1);
  });
});
