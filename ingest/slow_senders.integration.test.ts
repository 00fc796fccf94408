/** Senders that keep connections and memory without ever sending an event, over real sockets. */
import { measureAwake } from "@tally/stack/testing/awake_time";
import { RawConnection } from "@tally/stack/testing/raw_connection";
import { afterEach, describe, expect, test } from "bun:test";
import {
  EVENT,
  metric,
  post,
  startFaked,
  until,
  type FakedIngest,
} from "./testing/faked_ingest.ts";

const KIBIBYTE = 1024;
/** Small limits, so that few connections reach them. */
const LIMITS = {
  INGEST_REQUESTS_MAX: "100",
  INGEST_BODY_BYTES_MAX: String(512 * KIBIBYTE),
  INGEST_REQUEST_BYTES_MAX: String(2048 * KIBIBYTE),
};
/** More than INGEST_REQUESTS_MAX. */
const ATTACKERS = 150;
const HONEST_REQUESTS = 60;
/** Bodies above 16 KiB are reserved in the budget, smaller ones are not. */
const BATCH = `[${Array(500).fill(EVENT).join(",")}]`;

let ingest: FakedIngest | null = null;
const ends: (() => void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await ingest?.stop();
});

interface Attack {
  readonly connections: number;
  /** What each connection sends when it is open. */
  readonly open: (connection: RawConnection) => Promise<void>;
  /** What it sends every 20 ms from then on. */
  readonly goOn?: (connection: RawConnection) => Promise<void>;
}

/** Starts to attack, and opens each connection again that the service has closed. */
async function attack(url: string, { connections, open, goOn }: Attack): Promise<void> {
  const all: RawConnection[] = [];
  const openOne = async (at: number): Promise<void> => {
    const connection = new RawConnection(url);
    all[at] = connection;
    await open(connection);
  };
  await Promise.all(Array.from({ length: connections }, (_, at) => openOne(at)));
  const timer = setInterval(() => {
    for (const [at, connection] of all.entries()) {
      if (connection.isClosed) void openOne(at);
      else void goOn?.(connection);
    }
  }, 20);
  ends.push(() => {
    clearInterval(timer);
    for (const connection of all) connection.end();
  });
}

/** Sends events and batches in turn, and gives how many of each status there were. */
async function honestStatuses(url: string): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  for (let sent = 0; sent < HONEST_REQUESTS; sent++) {
    const status = await statusOf(url, sent % 2 === 0 ? EVENT : BATCH);
    statuses[status] = (statuses[status] ?? 0) + 1;
    await Bun.sleep(5);
  }
  return statuses;
}

/** The status of an answer, or 0 when the connection ended before one. */
async function statusOf(url: string, body: string): Promise<number> {
  try {
    return (await post(url, body)).status;
  } catch {
    // Counted as a request that was not taken.
    return 0;
  }
}

describe("honest requests get their 202", () => {
  const attacks: [title: string, attack: Attack][] = [
    [
      "connections that send half of their headers",
      {
        connections: ATTACKERS,
        open: (it) => it.send("POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Le"),
      },
    ],
    [
      "connections that send headers only",
      { connections: ATTACKERS, open: (it) => it.sendHead("Content-Length: 200") },
    ],
    [
      "connections that announce large bodies",
      { connections: ATTACKERS, open: (it) => it.sendHead("Content-Length: 500000") },
    ],
    [
      "connections that announce chunks",
      { connections: ATTACKERS, open: (it) => it.sendHead("Transfer-Encoding: chunked") },
    ],
    [
      "bodies that trickle",
      {
        connections: ATTACKERS,
        open: (it) => it.sendHead("Content-Length: 500000"),
        goOn: (it) => it.send(" "),
      },
    ],
    [
      "small bodies that trickle",
      {
        connections: ATTACKERS,
        open: (it) => it.sendHead("Content-Length: 5000"),
        goOn: (it) => it.send(" "),
      },
    ],
    [
      "chunks that trickle",
      {
        connections: ATTACKERS,
        open: (it) => it.sendHead("Transfer-Encoding: chunked"),
        goOn: (it) => it.send("1\r\n \r\n"),
      },
    ],
    [
      "bodies that never end",
      {
        connections: ATTACKERS,
        open: async (it) => {
          await it.sendHead(`Content-Length: ${21 * KIBIBYTE + 1}`);
          await it.send(Buffer.alloc(21 * KIBIBYTE, 32));
        },
      },
    ],
    [
      "large bodies that never quite end",
      {
        connections: 8,
        open: async (it) => {
          await it.sendHead(`Content-Length: ${500 * KIBIBYTE}`);
          await it.send(Buffer.alloc(400 * KIBIBYTE, 32));
        },
        goOn: (it) => it.send(" "),
      },
    ],
  ];
  test.each(attacks)("during %s", async (_title, options) => {
    ingest = await startFaked(LIMITS);
    await attack(ingest.url, options);

    const statuses = await honestStatuses(ingest.url);

    expect(statuses[202] ?? 0).toBeGreaterThanOrEqual(HONEST_REQUESTS * 0.95);
  });
});

describe("a body that pauses", () => {
  test("gets 408 and the end of its connection after 3 s, long before the deadline", async () => {
    ingest = await startFaked();
    const connection = new RawConnection(ingest.url);
    ends.push(() => connection.end());

    const { value: status, ms } = await measureAwake(async () => {
      await connection.sendHead("Content-Length: 100000");
      await connection.send(" ".repeat(50_000));
      return connection.status();
    });

    expect(status).toBe(408);
    await until(() => connection.isClosed);
    expect(ms).toBeLessThan(5000);
    expect(await metric(ingest.url, "ingest_in_flight_requests")).toBe(0);
  });
});
