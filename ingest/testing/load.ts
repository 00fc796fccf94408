/** Load over bare sockets, which tells a refused connection from a request that broke. */
import { createConnection, type Socket } from "node:net";

/** What became of the requests. */
export interface LoadCounts {
  /** Event ids that got a 202. */
  readonly accepted: string[];
  /** Answers by status. */
  readonly statuses: Record<number, number>;
  /** Connections that were refused: nothing listened, nothing was sent. */
  refused: number;
  /** Requests that were sent and got no whole answer. */
  broken: number;
}

/** A load that runs until it is stopped. */
export interface RunningLoad {
  readonly counts: LoadCounts;
  /** Each request in flight ends first. */
  stop(): Promise<LoadCounts>;
}

/** A connection is closed after this many requests, so that the load moves between processes. */
const REQUESTS_PER_CONNECTION = 20;
const REFUSED_PAUSE_MS = 20;

/** How often a balancer looks whether the service is ready, ms. */
const READY_POLL_MS = 50;

/**
 * Sends single events over `connections`, one request at a time on each. As a balancer does, it
 * opens no connection while the service is not ready.
 */
export function startLoad(url: string, connections: number, prefix: string): RunningLoad {
  const counts: LoadCounts = { accepted: [], statuses: {}, refused: 0, broken: 0 };
  let isOver = false;
  let sent = 0;
  let isReady = true;
  const balancer = async (): Promise<void> => {
    while (!isOver) {
      // Only an answer says that it is not ready; what a crash does, requests shall show.
      const answer = await fetch(`${url}/health/ready`).catch(() => null);
      if (answer !== null) isReady = answer.ok;
      await Bun.sleep(READY_POLL_MS);
    }
  };
  const sender = async (): Promise<void> => {
    while (!isOver) {
      if (!isReady) {
        await Bun.sleep(READY_POLL_MS);
        continue;
      }
      const connection = await connect(url);
      if (connection === null) {
        counts.refused += 1;
        await Bun.sleep(REFUSED_PAUSE_MS);
        continue;
      }
      let isOpen = true;
      for (let at = 0; at < REQUESTS_PER_CONNECTION && isOpen && !isOver; at += 1) {
        const id = `${prefix}${++sent}`;
        const answer = await connection.post(id);
        if (answer === null) counts.broken += 1;
        else counts.statuses[answer.status] = (counts.statuses[answer.status] ?? 0) + 1;
        if (answer?.status === 202) counts.accepted.push(id);
        isOpen = answer !== null && !answer.closes;
      }
      connection.end();
    }
  };
  const senders = [balancer(), ...Array.from({ length: connections }, sender)];
  return {
    counts,
    async stop() {
      isOver = true;
      await Promise.all(senders);
      return counts;
    },
  };
}

interface Connection {
  /** Null when the connection ended before the answer was whole. */
  post(eventId: string): Promise<{ readonly status: number; readonly closes: boolean } | null>;
  end(): void;
}

/** Null when nothing listens. */
function connect(url: string): Promise<Connection | null> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<Connection | null>();
  const socket = createConnection({ host: hostname, port: Number(port) });
  socket.once("connect", () => resolve(connectionOf(socket)));
  socket.once("error", () => resolve(null));
  return promise;
}

function connectionOf(socket: Socket): Connection {
  let received = "";
  let isClosed = false;
  let onChange = (): void => undefined;
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
    onChange();
  });
  socket.on("close", () => {
    isClosed = true;
    onChange();
  });
  return {
    post(eventId) {
      const body = JSON.stringify({ eventId, sessionId: eventId, eventType: "t", payload: 1 });
      const head = "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json";
      received = "";
      socket.write(`${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      return new Promise((resolve) => {
        onChange = () => {
          const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(received) ?? [];
          const isWhole = status !== undefined && received.trimEnd().endsWith("}");
          if (isWhole) {
            resolve({ status: Number(status), closes: /^connection: close/im.test(received) });
          } else if (isClosed) resolve(null);
        };
        onChange();
      });
    },
    end: () => void socket.destroy(),
  };
}
