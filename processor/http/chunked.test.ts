/** Bodies in chunks, over real sockets: nothing that follows one reaches the next request. */
import { eventually } from "@tally/shared";
import { RawConnection } from "@tally/stack/testing/raw_connection";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { startServer, type ProcessorServer } from "./server.ts";
import { failing } from "./testing/routes.ts";
import { testParts } from "./testing/server.ts";

let server: ProcessorServer;
const connections: RawConnection[] = [];

beforeAll(() => {
  server = startServer(testParts(failing(new Error("not asked in this test"))));
});
afterAll(async () => {
  for (const connection of connections) connection.end();
  await server.stop(0);
});

test.each([
  [404, "POST /dead-letters/1/resend", "{}"],
  [202, "POST /dead-letters/resend?code=id_conflict", "{}"],
  [400, "POST /api/v2/query", "x"],
  [400, "POST /api/session", "{}"],
  [200, "DELETE /api/session", "{}"],
  [202, "POST /dead-letters/resend?code=id_conflict", ""],
])("the connection ends with the %i to %s", async (status, start, body) => {
  const connection = new RawConnection(server.url);
  connections.push(connection);
  const head = `${start} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  const chunk = body === "" ? "0\r\n" : `${body.length.toString(16)}\r\n${body}\r\n0\r\n`;
  await connection.send(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`);

  expect(await connection.status()).toBe(status);
  expect(connection.received.toLowerCase()).toContain("connection: close");
  await connection.send("X: y\r\n\r\n");
  expect(await eventually(() => connection.isClosed, 10_000)).toBe(true);
  expect(connection.statuses).toEqual([status]);
});
