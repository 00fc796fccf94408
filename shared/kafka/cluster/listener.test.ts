/** What a listener speaks, by fakes that answer as brokers do. */
import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { readHandshake, readListener } from "./listener.ts";
import { adviceOf } from "./protocol_mismatch.ts";

const MS_MAX = 1000;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Listens; gives the address. */
async function serve(onRequest: (socket: Socket, request: Buffer) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) => onRequest(socket, Buffer.from(bytes)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen({ port: 0, host: "127.0.0.1" }, () => resolve());
  });
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** An answer to the handshake whose correlation id it takes over. */
function answerTo(request: Buffer, error: number, mechanisms: readonly string[]): Buffer {
  const names = mechanisms.map((name) => {
    const bytes = Buffer.alloc(2 + name.length, name, "latin1");
    bytes.writeInt16BE(name.length);
    bytes.write(name, 2, "latin1");
    return bytes;
  });
  const head = Buffer.alloc(14);
  request.copy(head, 4, 8, 12);
  head.writeInt16BE(error, 8);
  head.writeInt32BE(mechanisms.length, 10);
  const answer = Buffer.concat([head, ...names]);
  answer.writeInt32BE(answer.length - 4);
  return answer;
}

describe("readListener()", () => {
  test.each([
    [0, ["PLAIN", "SCRAM-SHA-256"], true],
    [33, ["SCRAM-SHA-512"], true],
    [34, [], false],
  ])("readListener() reads the answer %p with %p as login %p", async (error, names, wantsLogin) => {
    const address = await serve((socket, request) => {
      const answer = answerTo(request, error, names);
      socket.write(answer.subarray(0, 7));
      setTimeout(() => socket.write(answer.subarray(7)), 1);
    });

    const listener = await readListener(address, MS_MAX);

    expect(listener).toEqual({ isTls: false, wantsLogin, mechanisms: names });
  });

  test.each<[string, (socket: Socket) => void]>([
    ["closes at once", (socket) => socket.end()],
    ["speaks another protocol", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["never answers", () => undefined],
  ])("readListener() gives null for a server that %s", async (_title, onRequest) => {
    expect(await readListener(await serve(onRequest), 200)).toBeNull();
  });

  test.each(["127.0.0.1:1", "nowhere.invalid:9092", "no address", "a:70000"])(
    "readListener() gives null for %s",
    async (address) => {
      expect(await readListener(address, MS_MAX)).toBeNull();
    },
  );
});

describe("readHandshake()", () => {
  test("readHandshake() takes any bytes without a throw, and no odd names", () => {
    const request = Buffer.from("000000000000000000000000", "hex");
    request.writeInt32BE(0x7a11_7a11, 8);
    const answer = answerTo(request, 33, ["PLAIN", "a\u001bb"]);
    for (let length = 0; length < answer.length; length++) {
      expect(readHandshake(answer.subarray(0, length))).toBeNull();
    }
    expect(readHandshake(answer)).toEqual({ error: 33, mechanisms: ["PLAIN"] });
    answer.writeInt32BE(0x7fff_ffff, 10);
    expect(readHandshake(answer)?.mechanisms).toEqual(["PLAIN"]);
    answer.writeInt16BE(-5, 14);
    expect(readHandshake(answer)?.error).toBe(33);
  });
});

describe("adviceOf()", () => {
  const protocols = ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] as const;
  const listenerOf = (protocol: (typeof protocols)[number]) => ({
    isTls: protocol.endsWith("ssl"),
    wantsLogin: protocol.startsWith("sasl"),
    mechanisms: protocol.startsWith("sasl") ? ["PLAIN"] : [],
  });

  test("adviceOf() names what the listener speaks when it differs from what is configured", () => {
    for (const spoken of protocols) {
      for (const configured of protocols) {
        const advice = adviceOf(listenerOf(spoken), configured);
        if (spoken === configured) expect(advice).toBeNull();
        else {
          expect(advice).toContain(`speaks ${spoken}`);
          expect(advice).toContain(`KAFKA_SECURITY_PROTOCOL is ${configured}`);
          expect(advice?.includes("PLAIN,")).toBe(spoken.startsWith("sasl"));
        }
      }
    }
  });

  test("adviceOf() leaves open what the listener did not say", () => {
    const listener = { isTls: true, wantsLogin: null, mechanisms: [] };

    expect(adviceOf(listener, "plaintext")).toContain("speaks ssl or sasl_ssl, and");
    expect(adviceOf(listener, "sasl_ssl")).toBeNull();
    expect(adviceOf(listener, "ssl")).toBeNull();
  });
});
