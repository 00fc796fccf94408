import { afterEach, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { loadConfig } from "@tally/shared";
import { guarded } from "@tally/shared/database";
import { openDatabase } from "./database.ts";

/** Accepts the user and reports ready; the connection is cut after the client's next message. */
const GREETING = Buffer.concat([
  Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]),
  Buffer.from([0x5a, 0, 0, 0, 5, 0x49]),
]);
let server: Server | null = null;

afterEach(() => {
  server?.close();
  server = null;
});

async function cuttingServer(): Promise<string> {
  server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => {
      socket.write(GREETING);
      socket.once("data", () => socket.resetAndDestroy());
    });
  });
  await new Promise<void>((resolve) => {
    server?.listen({ port: 0, host: "127.0.0.1" }, () => resolve());
  });
  const address = server.address() as { port: number };
  return `postgres://u:p@127.0.0.1:${address.port}/d`;
}

test("openDatabase() rejects, without an unhandled failure, when a new connection is cut", async () => {
  const config = loadConfig({ DATABASE_URL: await cuttingServer() }, "processor");
  const sql = openDatabase(config, "test");

  // An unhandled failure would end this test as well as a process.
  const outcomes = await Promise.all(
    [1, 2, 3].map((number) =>
      guarded(sql, () => sql`select ${number}`).then(
        () => "answered",
        (error: unknown) => (error as { code: string }).code,
      ),
    ),
  );
  await sql.end({ timeout: 1 });

  expect(outcomes).toEqual(Array.from({ length: 3 }, () => "database_unavailable"));
});
