import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FakeProducer } from "./testing/fake_producer.ts";
import { measureAwake, undisturbed } from "@tally/stack/testing/awake_time";
import { RawConnection } from "@tally/stack/testing/raw_connection";
import {
  EVENT,
  metric,
  post,
  startFaked,
  until,
  type FakedIngest,
} from "./testing/faked_ingest.ts";

/** The longest deadline: a busy machine must not turn an expected answer into a 408. */
const LONG = { INGEST_REQUEST_DEADLINE_MS: "30000", INGEST_SHUTDOWN_MS_MAX: "35000" };

let ingest: FakedIngest;
/** The only one whose requests are meant to be too slow. */
let hasty: FakedIngest;
const connections: RawConnection[] = [];

beforeAll(async () => {
  ingest = await startFaked(LONG);
  hasty = await startFaked({ INGEST_REQUEST_DEADLINE_MS: "500" });
});
afterAll(async () => {
  for (const connection of connections) connection.end();
  await Promise.all([ingest.stop(), hasty.stop()]);
});

function connect(url = ingest.url): RawConnection {
  const connection = new RawConnection(url);
  connections.push(connection);
  return connection;
}

/** A hostile request leaves nothing: no request is in flight, and events are accepted. */
async function expectHealthy({ url } = ingest): Promise<void> {
  await until(async () => (await metric(url, "ingest_in_flight_requests")) === 0);
  expect((await post(url, EVENT)).status).toBe(202);
}

describe("a slow body", () => {
  test("gets 408 when it arrives byte by byte, and the connection ends", async () => {
    const connection = connect(hasty.url);
    await connection.sendHead("Content-Length: 1000");
    let drops = 0;
    const drip = setInterval(() => {
      drops += 1;
      void connection.send(" ");
    }, 50);

    expect(await connection.status()).toBe(408);
    clearInterval(drip);

    // A byte every 50 ms does not prolong the 500 ms.
    expect(drops).toBeLessThan(40);
    expect(connection.received).toContain('"code":"body_too_slow"');
    await until(() => connection.isClosed);
    await expectHealthy(hasty);
  });

  test("gets 408 when it arrives in chunks without a stated length", async () => {
    const connection = connect(hasty.url);
    await connection.sendHead("Transfer-Encoding: chunked");
    await connection.send("1\r\n[\r\n");

    expect(await connection.status()).toBe(408);
    await expectHealthy(hasty);
  });
});

describe("a client that hangs up", () => {
  test("costs nothing when it hangs up in the middle of its body", async () => {
    const connection = connect();
    await connection.sendHead("Content-Length: 1000");
    await connection.send("{");
    await until(async () => (await metric(ingest.url, "ingest_in_flight_requests")) === 1);

    connection.end();

    await expectHealthy();
  });

  test("has its event in the log when it hangs up before the answer", async () => {
    const { producer, url, stop } = await startFaked();
    producer.answering = "hold";
    const connection = connect(url);
    await connection.sendHead(`Content-Length: ${EVENT.length}`);
    await connection.send(EVENT);
    await until(() => producer.queuedRecords === 1);

    connection.end();
    producer.answerHeld();

    await until(async () => (await metric(url, "ingest_in_flight_requests")) === 0);
    expect(await metric(url, "ingest_events_accepted_total")).toBe(1);
    await stop();
  });
});

describe("a body too large", () => {
  test("gets 413 before it is sent, and the next request of the connection is answered", async () => {
    const bytes = 6 * 1024 * 1024;
    const connection = connect();
    await connection.sendHead(`Content-Length: ${bytes}`);

    expect(await connection.status()).toBe(413);
    expect(connection.received).toContain('"code":"body_too_large"');

    await connection.send(Buffer.alloc(bytes, 32));
    await connection.sendHead(`Content-Length: ${EVENT.length}`);
    await connection.send(EVENT);
    expect(await connection.status(1)).toBe(202);
  });

  test("gets 413 and the end of the connection when it announces a gigabyte", async () => {
    const connection = connect();
    await connection.sendHead("Content-Length: 1000000000");

    expect(await connection.status()).toBe(413);
    await until(() => connection.isClosed);
    await expectHealthy();
  });

  test("gets 413 in chunks, and the memory that it costs is bounded", async () => {
    const connection = connect();
    await connection.sendHead("Transfer-Encoding: chunked");
    const chunk = Buffer.concat([
      Buffer.from("100000\r\n"),
      Buffer.alloc(0x100000, 32),
      Buffer.from("\r\n"),
    ]);
    const before = process.memoryUsage.rss();

    for (let sent = 0; sent < 100 && !connection.isClosed; sent++) await connection.send(chunk);

    expect(await connection.status()).toBe(413);
    expect(process.memoryUsage.rss() - before).toBeLessThan(60_000_000);
    await expectHealthy();
  });
});

describe("the budget", () => {
  test("of bodies takes a new one when it is full, and the stalled one gives way", async () => {
    const limits = { INGEST_BODY_BYTES_MAX: "1048576", INGEST_REQUEST_BYTES_MAX: "1048576" };
    const { url, stop } = await startFaked(limits);
    const big = `${EVENT}${" ".repeat(600_000)}`;
    const slow = connect(url);
    await slow.sendHead("Content-Length: 600001");
    await slow.send(" ".repeat(600_000));

    await until(async () => (await post(url, new Blob([big]).stream())).status === 202);

    expect(await slow.status()).toBe(503);
    expect(slow.received).toContain('"code":"overloaded"');
    await until(() => slow.isClosed);
    expect((await post(url, big)).status).toBe(202);
    await stop();
  });

  test("of bodies is not reserved by a stated length while no byte arrives", async () => {
    const { url, stop } = await startFaked();
    const silent = Array.from({ length: 40 }, () => connect(url));
    for (const connection of silent)
      await connection.sendHead(`Content-Length: ${5 * 1024 * 1024}`);
    await until(async () => (await metric(url, "ingest_in_flight_requests")) === 40);

    expect((await post(url, `${EVENT}${" ".repeat(600_000)}`)).status).toBe(202);
    expect((await post(url, EVENT)).status).toBe(202);

    for (const connection of silent) connection.end();
    await stop();
  });

  test("of records refuses a request before its body arrives", async () => {
    const limits = { INGEST_QUEUE_RECORDS_MAX: "1000", INGEST_BATCH_EVENTS_MAX: "1000" };
    const { producer, url, stop } = await startFaked(limits);
    producer.answering = "hold";
    const waiting = post(url, `[${Array(1000).fill(EVENT)}]`);
    await until(() => producer.queuedRecords === 1000);
    const connection = connect(url);

    await connection.sendHead("Content-Length: 1000");

    expect(await connection.status()).toBe(503);
    expect(connection.received).toContain('"code":"overloaded"');
    producer.answerHeld();
    expect((await waiting).status).toBe(202);
    connection.end();
    await stop();
  });
});

describe("stop()", () => {
  test("answers requests in flight, accepts no new one, then closes the client", async () => {
    const { producer, url, stop } = await startFaked();
    producer.answering = "hold";
    const answer = post(url, EVENT);
    await until(() => producer.queuedRecords === 1);

    const stopped = stop();
    const isRefused = () =>
      fetch(`${url}/health/live`).then(
        () => false,
        () => true,
      );
    await until(isRefused);
    expect(producer.isDisconnected).toBe(false);
    producer.answerHeld();

    expect((await answer).status).toBe(202);
    expect((await answer).headers.get("connection")).toBe("close");
    await stopped;
    expect(producer.isDisconnected).toBe(true);
  });

  test("turns readiness off first and still accepts events", async () => {
    // A machine that stands still would end the notice between the two requests.
    const { ready, event } = await undisturbed(100, async () => {
      const { url, stop } = await startFaked({}, { stopNoticeMs: 300 });
      const stopped = stop();
      const ready = await fetch(`${url}/health/ready`).catch(() => null);
      const event = await post(url, EVENT).catch(() => null);
      await stopped;
      return { ready, event };
    });

    expect([ready?.status, event?.status]).toEqual([503, 202]);
    expect(event?.headers.get("connection")).toBe("close");
  });

  test("ends in time when Kafka never answers", async () => {
    const limits = { INGEST_REQUEST_DEADLINE_MS: "900", INGEST_SHUTDOWN_MS_MAX: "1000" };
    const { producer, url, stop } = await startFaked(limits);
    producer.answering = "hold";
    const answer = post(url, EVENT);
    await until(() => producer.queuedRecords === 1);

    const { ms } = await measureAwake(stop);

    expect(ms).toBeLessThan(3000);
    expect((await answer).status).toBe(503);
  });

  test("is safe to call twice", async () => {
    const { stop } = await startFaked();

    await Promise.all([stop(), stop()]);
  });
});

describe("start()", () => {
  test("names the address and the options when the port is taken, and releases the client", async () => {
    const producer = new FakeProducer();
    const { host, port } = new URL(ingest.url);

    const second = startFaked({ INGEST_PORT: port }, { producer });

    await expect(second).rejects.toThrow(`Cannot listen on "${host}": the address is not free`);
    expect(producer.isDisconnected).toBe(true);
  });
});

test("a client that waits for 100 Continue gets it", async () => {
  const connection = connect();
  await connection.sendHead("Expect: 100-continue", `Content-Length: ${EVENT.length}`);
  expect(await connection.status()).toBe(100);

  await connection.send(EVENT);

  expect(await connection.status(1)).toBe(202);
});
