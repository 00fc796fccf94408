/** Which Host headers are answered, with the listening service and real sockets. */
import { RawConnection } from "@tally/stack/testing/raw_connection";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  EVENT,
  expectProblem,
  readAnswer,
  startFaked,
  type FakedIngest,
} from "./testing/faked_ingest.ts";

let ingest: FakedIngest;
let listed: FakedIngest;
const connections: RawConnection[] = [];

beforeAll(async () => {
  ingest = await startFaked();
  listed = await startFaked({
    INGEST_HOST: "0.0.0.0",
    TALLY_HOSTS: "a, tally.example",
    TALLY_OPEN: "yes",
  });
});
afterAll(async () => {
  for (const connection of connections) connection.end();
  await Promise.all([ingest.stop(), listed.stop()]);
});

function connect({ url } = ingest): RawConnection {
  const connection = new RawConnection(url.replace("0.0.0.0", "127.0.0.1"));
  connections.push(connection);
  return connection;
}

/** Sends each path with the host, and gives the statuses. */
async function statuses(host: string, paths: readonly string[], to = ingest): Promise<number[]> {
  const connection = connect(to);
  for (const [index, path] of paths.entries()) {
    await connection.send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await connection.status(index);
  }
  return connection.statuses;
}

async function postFrom(host: string, to = ingest): Promise<number> {
  const connection = connect(to);
  const head = `POST /events HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
  await connection.send(`${head}Content-Length: ${EVENT.length}\r\n\r\n${EVENT}`);
  return connection.status();
}

const PATHS = ["/events", "/health/live", "/nowhere"];
/** With most of these, Bun's `request.url` is not a URL. */
const MALFORMED_HOSTS = [
  "a b",
  "[::1",
  "x:99999",
  "x:abc",
  "%zz",
  "a/b",
  "http://x",
  "user@x",
  "a,b",
];

describe("a Host header", () => {
  test.each(MALFORMED_HOSTS)(
    "that is malformed, %p, gets 400, and the answer shows no source code",
    async (host) => {
      const connection = connect();
      for (const path of PATHS) {
        await connection.send(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      }

      expect(await connection.status(2)).toBe(400);
      expect(connection.statuses).toEqual([400, 400, 400]);
      expect(connection.received.match(/"code":"invalid_host"/g)).toHaveLength(3);
    },
  );

  test("that comes twice gets 400, equal or not", async () => {
    for (const second of ["localhost", "evil.example"]) {
      const host = `localhost\r\nHost: ${second}`;
      expect(await statuses(host, PATHS)).toEqual([400, 400, 400]);
      expect(await postFrom(host)).toBe(400);
    }
  });

  test.each(["evil.example", "localhost.evil.example", "192.168.1.2:8081", "a"])(
    "that names another machine, %p, gets 421 on loopback",
    async (host) => {
      expect(await statuses(host, PATHS)).toEqual([421, 421, 421]);
      expect(await postFrom(host)).toBe(421);
    },
  );

  test.each([
    "localhost",
    "LOCALHOST:1",
    "127.0.0.1:8081",
    "127.1.2.3",
    "[::1]:9",
    "app.localhost",
  ])("that names this machine, %p, is answered", async (host) => {
    expect(await statuses(host, PATHS)).toEqual([405, 200, 404]);
    expect(await postFrom(host)).toBe(202);
  });

  test("must be this machine's or listed when TALLY_HOSTS is set", async () => {
    for (const host of ["a", "Tally.Example:443", "localhost", "127.0.0.1"]) {
      expect([host, await postFrom(host, listed)]).toEqual([host, 202]);
    }
    for (const host of ["evil.example", "b", "a.tally.example"]) {
      expect([host, await postFrom(host, listed)]).toEqual([host, 421]);
      expect(await statuses(host, PATHS, listed)).toEqual([421, 421, 421]);
    }
  });

  test("may be an address for health and metrics, as balancers and Prometheus ask, and for nothing else", async () => {
    const paths = ["/health/live", "/health/ready", "/actuator/health", "/metrics"];

    for (const end of ["", "/"]) {
      const asked = [...paths.map((path) => path + end), "/events"];
      const found = await statuses("10.1.2.3:8081", asked, listed);
      expect(found).toEqual([200, 200, 200, 200, 421]);
    }
  });
});

test("a refused host gets the problem host_not_allowed", async () => {
  const headers = { host: "evil.example" };
  const answer = await readAnswer(await fetch(`${ingest.url}/events`, { headers }));

  expectProblem(answer, "host_not_allowed");
});

describe("a request without a Host header", () => {
  test.each([
    ["GET /health/live", 200],
    ["GET /health/ready", 200],
    ["GET /actuator/health", 200],
    ["HEAD /health/ready?x=1", 200],
    ["GET /health/live/", 200],
    ["OPTIONS /", 204],
    ["OPTIONS /events", 204],
    ["GET /events", 400],
    ["GET /metrics", 400],
    ["GET /nowhere", 400],
    ["GET //health/live", 400],
  ] as const)("%s gets %i", async (start, status) => {
    const connection = connect();
    await connection.send(`${start} HTTP/1.0\r\n\r\n`);

    expect(await connection.status()).toBe(status);
    expect(connection.received).not.toContain("html");
  });
});
