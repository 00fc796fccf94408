import { afterEach, beforeEach, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { eventually } from "@tally/shared";
import { startTcpProxy, type TcpProxy } from "./tcp_proxy.ts";

/** A server that sends back everything twice. */
let server: Server;
let proxy: TcpProxy;
const host = "127.0.0.1";

beforeEach(async () => {
  server = createServer((socket) => {
    socket.on("data", (bytes: Buffer) => socket.write(Buffer.concat([bytes, bytes])));
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen({ port: 0, host }, () => resolve());
  });
  const { port } = server.address() as { port: number };
  proxy = await startTcpProxy({ port: 0, host, target: { host, port } });
});

afterEach(async () => {
  await proxy.stop();
  server.close();
});

interface Client {
  readonly socket: Socket;
  received: string;
  error: string | null;
  isClosed: boolean;
}

async function open(): Promise<Client> {
  const socket = connect({ host, port: proxy.port });
  const client: Client = { socket, received: "", error: null, isClosed: false };
  socket.on("data", (bytes) => (client.received += bytes.toString()));
  socket.on("error", (error) => (client.error = (error as NodeJS.ErrnoException).code ?? ""));
  socket.on("close", () => (client.isClosed = true));
  await eventually(() => !socket.connecting, 1000);
  return client;
}

const soon = (holds: () => boolean) => eventually(holds, 2000);

test("startTcpProxy() passes bytes both ways, and the end", async () => {
  const client = await open();

  client.socket.write("ab");
  const isEchoed = await soon(() => client.received === "abab");
  client.socket.end();

  expect(isEchoed).toBeTrue();
  expect(await soon(() => client.isClosed)).toBeTrue();
});

test("set() resets open connections and new ones", async () => {
  const client = await open();
  client.socket.write("a");
  await soon(() => client.received === "aa");

  proxy.set({ kind: "reset" });
  const isEnded = await soon(() => client.isClosed);
  const next = await open();
  next.socket.write("b");

  expect(isEnded).toBeTrue();
  expect(await soon(() => next.isClosed)).toBeTrue();
  expect(next.received).toBe("");
  expect(proxy.interventions).toBeGreaterThanOrEqual(2);
});

test("set() holds what is sent, and lets it pass later", async () => {
  const client = await open();
  client.socket.write("a");
  await soon(() => client.received === "aa");

  proxy.set({ kind: "hold", direction: "both" });
  client.socket.write("b");
  await Bun.sleep(100); // Nothing may come: there is no condition to wait for.
  const held = client.received;
  proxy.set({ kind: "pass" });

  expect(held).toBe("aa");
  expect(await soon(() => client.received === "aabb")).toBeTrue();
});

test("set() cuts a connection after the given number of bytes", async () => {
  const client = await open();
  proxy.set({ kind: "cut", afterBytes: 10 });

  client.socket.write("abcd");
  await soon(() => client.received.length === 8);
  client.socket.write("abcd");

  expect(await soon(() => client.isClosed)).toBeTrue();
  expect(client.received).toBe("abcdabcd");
});

test("set() delays pieces and keeps their order", async () => {
  const client = await open();
  proxy.set({ kind: "slow", delayMs: 50 });
  const startedMs = performance.now();

  client.socket.write("a");
  await soon(() => client.received === "aa");
  client.socket.write("b");
  const isEchoed = await soon(() => client.received === "aabb");

  expect(isEchoed).toBeTrue();
  expect(performance.now() - startedMs).toBeGreaterThan(190);
});

test("set() keeps the order when it ends a delay", async () => {
  const client = await open();
  proxy.set({ kind: "slow", delayMs: 100 });
  client.socket.write("a");
  await Bun.sleep(50); // In the middle of the delay.

  proxy.set({ kind: "pass" });
  client.socket.write("b");

  expect(await soon(() => client.received.length === 4)).toBeTrue();
  expect(client.received).toStartWith("a");
});

test("tap() sees bytes before they pass, and can stop them", async () => {
  const client = await open();
  proxy.tap((bytes, direction) => direction === "down" || !bytes.includes("secret"));

  client.socket.write("a");
  await soon(() => client.received === "aa");
  client.socket.write("secret");
  client.socket.write("more");
  await Bun.sleep(50); // Nothing may come: there is no condition to wait for.

  expect(client.received).toBe("aa");
});

test("set() lets a narrow link carry the bytes of all connections at its speed", async () => {
  const [first, second] = [await open(), await open()];
  proxy.set({ kind: "narrow", bytesPerSecond: 50_000 });
  const startedMs = performance.now();

  first.socket.write("a".repeat(5000));
  second.socket.write("b".repeat(5000));
  const isEchoed = await soon(() => first.received.length + second.received.length === 20_000);

  expect(isEchoed).toBeTrue();
  expect(performance.now() - startedMs).toBeGreaterThan(190);
  expect(proxy.interventions).toBeGreaterThan(1);
});
