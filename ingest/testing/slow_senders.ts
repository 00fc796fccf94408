/** Senders that keep connections and memory, and honest ones beside them. Test support. */
import { RawConnection } from "@tally/stack/testing/raw_connection";
import { EVENT, post } from "./faked_ingest.ts";

const KIBIBYTE = 1024;
/** Small limits, so that few connections reach them. */
export const LIMITS = {
  INGEST_REQUESTS_MAX: "100",
  INGEST_BODY_BYTES_MAX: String(512 * KIBIBYTE),
  INGEST_REQUEST_BYTES_MAX: String(2048 * KIBIBYTE),
};
/** More than INGEST_REQUESTS_MAX. */
const ATTACKERS = 150;
const HONEST_REQUESTS = 60;
/** Bodies above 16 KiB are reserved in the budget, smaller ones are not. */
const BATCH = `[${Array(500).fill(EVENT).join(",")}]`;

const ends: (() => void)[] = [];

/** An attack: what its connections do. */
export interface Attack {
  readonly connections: number;
  /** What each connection sends when it is open. */
  readonly open: (connection: RawConnection) => Promise<void>;
  /** What it sends every 20 ms from then on. */
  readonly goOn?: (connection: RawConnection) => Promise<void>;
}

/** Every way to hold a connection without ever sending an event. */
export const ATTACKS: readonly [title: string, attack: Attack][] = [
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

/** Starts to attack, and opens each connection again that the service has closed. */
export async function attack(url: string, { connections, open, goOn }: Attack): Promise<void> {
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

/** Ends every attack. */
export function endAttacks(): void {
  for (const end of ends.splice(0)) end();
}

/**
 * Sends events and batches in turn, and counts those that got their 202. Each is sent once more
 * when it gets 503: on a busy machine the attackers, which come again every 20 ms, are sometimes
 * all fresher than a body must be to give way. A sender repeats such a request, too.
 */
export async function honestRequests(url: string): Promise<{ accepted: number; all: number }> {
  let accepted = 0;
  for (let sent = 0; sent < HONEST_REQUESTS; sent++) {
    const body = sent % 2 === 0 ? EVENT : BATCH;
    const status = await statusOf(url, body);
    await Bun.sleep(5);
    if (status === 202 || (status === 503 && (await statusOf(url, body)) === 202)) accepted += 1;
  }
  return { accepted, all: HONEST_REQUESTS };
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
