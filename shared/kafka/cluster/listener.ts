/**
 * Asks a listener of a broker what it speaks. Where client and listener differ, librdkafka often
 * says only that the connection was closed, and so it does when a broker is down.
 */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { settledWithin } from "../../wait.ts";

/** What a listener has shown. */
export interface Listener {
  readonly isTls: boolean;
  /** Null when it did not say: with TLS, it may want a client certificate first. */
  readonly wantsLogin: boolean | null;
  /** How it lets clients log in. */
  readonly mechanisms: readonly string[];
}

/**
 * Asks the listener at an address, first as it is, then over TLS. Nothing is verified, and no
 * password is sent.
 *
 * @returns Null when nothing listens there that speaks Kafka's protocol. Never rejects.
 */
export async function readListener(address: string, msMax: number): Promise<Listener | null> {
  const [, host = "", port = ""] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(address) ?? [];
  const target = { host, port: Number(port) };
  if (target.port < 1 || target.port > 65_535) return null;
  const plain = await ask(() => connectPlain(target), "connect", msMax);
  if (plain.handshake !== null) return listenerOf(false, plain.handshake);
  if (!plain.isConnected) return null;
  const tls = await ask(
    () => connectTls({ ...target, rejectUnauthorized: false }),
    "secureConnect",
    msMax,
  );
  return tls.isConnected ? listenerOf(true, tls.handshake) : null;
}

function listenerOf(isTls: boolean, handshake: Handshake | null): Listener {
  if (handshake === null) return { isTls, wantsLogin: null, mechanisms: [] };
  const { error, mechanisms } = handshake;
  const wantsLogin = LOGIN_BY_ERROR.get(error) ?? null;
  return { isTls, wantsLogin, mechanisms: wantsLogin === true ? mechanisms : [] };
}

/** Whether a listener wants a login, by its answer to the first request of one. */
const LOGIN_BY_ERROR: ReadonlyMap<number, boolean> = new Map([
  [0, true], // NONE
  [33, true], // UNSUPPORTED_SASL_MECHANISM
  [34, false], // ILLEGAL_SASL_STATE
]);

/** The answer to a `SaslHandshake`. */
interface Handshake {
  readonly error: number;
  readonly mechanisms: readonly string[];
}

/** Sends one handshake and reads the answer. */
async function ask(
  open: () => Socket,
  connected: "connect" | "secureConnect",
  msMax: number,
): Promise<{ readonly isConnected: boolean; readonly handshake: Handshake | null }> {
  const socket = open();
  const ended = Promise.withResolvers<void>();
  let isConnected = false;
  let received = Buffer.alloc(0);
  socket.once(connected, () => {
    isConnected = true;
    socket.write(HANDSHAKE);
  });
  socket.on("data", (bytes) => {
    received = Buffer.concat([received, typeof bytes === "string" ? Buffer.from(bytes) : bytes]);
    if (received.length >= ANSWER_BYTES_MAX || readHandshake(received) !== null) ended.resolve();
  });
  socket.once("error", () => ended.resolve());
  socket.once("close", () => ended.resolve());
  await settledWithin(ended.promise, msMax);
  // A later error of a socket that nobody listens to would end the process.
  socket.on("error", () => undefined).destroy();
  return { isConnected, handshake: readHandshake(received) };
}

/** A listener names a handful of mechanisms; whatever is longer is no such answer. */
const ANSWER_BYTES_MAX = 4096; // chosen
/** Sent back by the broker; any value that other protocols do not send by chance. */
const CORRELATION = 0x7a11_7a11; // chosen
/** The number of this request, and its version, in Kafka's protocol. */
const SASL_HANDSHAKE = 17;
const VERSION = 1;
/** Size, correlation id, error and number of mechanisms: what an answer begins with. */
const ANSWER_HEAD_BYTES = 4 + 4 + 2 + 4;
const HANDSHAKE = handshakeRequest("PLAIN");

/** A `SaslHandshake`, as Kafka's protocol guide writes it. */
function handshakeRequest(mechanism: string): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  };
  const head = Buffer.alloc(8);
  head.writeInt16BE(SASL_HANDSHAKE, 0);
  head.writeInt16BE(VERSION, 2);
  head.writeInt32BE(CORRELATION, 4);
  const request = Buffer.concat([head, text("tally"), text(mechanism)]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(request.length);
  return Buffer.concat([size, request]);
}

/** Reads the answer; null when it is not there as a whole, or none of Kafka's. */
export function readHandshake(bytes: Buffer): Handshake | null {
  if (bytes.length < ANSWER_HEAD_BYTES || bytes.readInt32BE(4) !== CORRELATION) return null;
  if (bytes.length < 4 + bytes.readInt32BE(0)) return null;
  const mechanisms: string[] = [];
  let at = ANSWER_HEAD_BYTES;
  for (let left = bytes.readInt32BE(10); left > 0 && at + 2 <= bytes.length; left--) {
    const end = at + 2 + bytes.readInt16BE(at);
    const name = bytes.toString("latin1", at + 2, end);
    // Others would be no name that an operator can set.
    if (MECHANISM.test(name)) mechanisms.push(name);
    at = Math.max(end, at + 2);
  }
  return { error: bytes.readInt16BE(8), mechanisms };
}

const MECHANISM = /^[A-Z0-9-]{1,20}$/;
