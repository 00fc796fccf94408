/** What a connection that stands still costs the reading of keys. No server runs but a fake. */
import { afterEach, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { openKeyReads } from "./key_reads.ts";

/** Longer than the pause of the driver before it connects again, ms. */
const ANSWER_MS_MAX = 500;

let server: Server | null = null;
afterEach(() => void server?.close());

/** Takes every user; the first connection then says nothing, later ones answer without rows. */
async function serve(): Promise<{ readonly port: number; readonly sockets: Socket[] }> {
  const sockets: Socket[] = [];
  server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    const isSilent = sockets.push(socket) === 1;
    socket.once("data", () => {
      socket.write(Buffer.from("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", "latin1"));
      if (isSilent) return;
      socket.on("data", (bytes: Buffer) => {
        const answer = "C\0\0\0\x0dSELECT 0\0Z\0\0\0\x05I".repeat(queriesIn(bytes));
        socket.write(Buffer.from(answer, "latin1"));
      });
    });
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen({ port: 0, host: "127.0.0.1" }, resolve);
  await promise;
  return { port: (server.address() as { port: number }).port, sockets };
}

/** Queries that were given up may come together with a later one. */
function queriesIn(bytes: Buffer): number {
  let queries = 0;
  for (let at = 0; at < bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) {
    if (bytes[at] === 0x51) queries += 1;
  }
  return queries;
}

test("readVersion() is answered again after a connection that stands still", async () => {
  const { port, sockets } = await serve();
  const place = { url: `postgres://u:p@127.0.0.1:${port}/d`, option: "X", schema: "s" };
  const reads = openKeyReads(place, ANSWER_MS_MAX);

  const first = reads.readVersion();

  await expect(first).rejects.toMatchObject({ code: "database_unavailable" });
  expect(await readUntilAnswered(() => reads.readVersion())).toBe("");
  expect(sockets.length).toBeGreaterThan(1);
  await reads.close();
});

/** A new connection may take longer than this test lets an answer take. */
async function readUntilAnswered(read: () => Promise<string>): Promise<string | null> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const answer = await read().catch(() => null);
    if (answer !== null) return answer;
  }
  return null;
}
