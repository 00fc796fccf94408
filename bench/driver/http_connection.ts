/**
 * One keep-alive connection that posts bodies, one at a time. Bun's fetch takes
 * twice as much CPU per request (measured: 31 instead of 15 µs, node:http 75), and
 * the service under test needs that CPU: it runs on the same machine.
 */
import { withinTime } from "@tally/shared";
import type { Socket } from "bun";

import { createAnswerReader, type HttpAnswer } from "./http_answer.ts";

/** What all requests of a connection have in common. */
export interface HttpTarget {
  /** Address of the route. */
  readonly url: string;
  /** Headers besides Host, Content-Type (JSON) and Content-Length. */
  readonly headers: Readonly<Record<string, string>>;
  /** Longest wait for an answer, ms. */
  readonly answerMsMax: number;
}

/** Longest wait for ingest, ms: longer than its own deadline of 10 s, so that its answer counts. */
export const ANSWER_MS_MAX = 15_000;

/** A request that ended without an answer. */
export class BrokenRequest extends Error {
  /** True when a part of it may have reached the server; false when it was never sent. */
  readonly sent: boolean;

  constructor(message: string, sent: boolean) {
    super(message);
    this.name = "BrokenRequest";
    this.sent = sent;
  }
}

/** Longest wait for a connection, ms. */
const CONNECT_MS_MAX = 3_000;

/** A connection. It opens with the first request, and opens again after it broke. */
export class HttpConnection {
  readonly #target: HttpTarget;
  readonly #head: string;
  #socket: Socket | null = null;
  #reader = createAnswerReader();
  #waiting: { resolve: (answer: HttpAnswer) => void; reject: (error: Error) => void } | null = null;
  /** Bytes that the socket has not taken yet. */
  #unwritten: Buffer | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the answer to the current request must be here; monotonic. */
  #answerByMs = 0;

  constructor(target: HttpTarget) {
    this.#target = target;
    this.#head = requestHead(target);
  }

  /**
   * Posts a body of ASCII characters; the one before must have ended.
   *
   * @throws {BrokenRequest} When no answer arrives in time, or the connection breaks.
   */
  async post(body: string): Promise<HttpAnswer> {
    const socket = this.#socket ?? (await this.#open());
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#timer ??= setInterval(() => this.#onTick(), 1000);
      this.#answerByMs = performance.now() + this.#target.answerMsMax;
      const request = `${this.#head}${body.length}\r\n\r\n${body}`;
      const written = socket.write(request);
      if (written < request.length)
        this.#unwritten = Buffer.from(request.slice(Math.max(0, written)));
    });
  }

  /** Closes the connection; a request that waits breaks. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#break("closed by the driver");
  }

  /** One check per second instead of a timer per request: a timeout may come a second late. */
  #onTick(): void {
    if (this.#waiting !== null && performance.now() > this.#answerByMs) {
      this.#break(`no answer within ${this.#target.answerMsMax} ms`);
    }
  }

  async #open(): Promise<Socket> {
    const { protocol, hostname, port } = new URL(this.#target.url);
    const tls = protocol === "https:";
    const connecting = Bun.connect({
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (tls ? 443 : 80) : Number(port),
      tls,
      socket: {
        data: (_, bytes) => this.#onData(bytes),
        drain: (socket) => this.#onDrain(socket),
        close: (socket) => this.#onClosed(socket, "the server closed the connection"),
        error: (socket, error) => this.#onClosed(socket, error.message),
      },
    });
    const socket = await withinTime(connecting, CONNECT_MS_MAX).catch((error: Error) => {
      throw new BrokenRequest(`no connection: ${error.message}`, false);
    });
    if (socket === null) {
      // A connection that opens too late is not used.
      connecting.then((late) => late.terminate()).catch(() => undefined);
      throw new BrokenRequest("no connection: it took too long", false);
    }
    socket.setNoDelay(true);
    this.#socket = socket;
    this.#reader = createAnswerReader();
    return socket;
  }

  #onData(bytes: Buffer): void {
    let answer: HttpAnswer | null;
    try {
      answer = this.#reader.push(bytes);
    } catch (error) {
      this.#break((error as Error).message);
      return;
    }
    if (answer === null) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (answer.closes || waiting === null) this.#break("the server closed the connection");
    waiting?.resolve(answer);
  }

  #onDrain(socket: Socket): void {
    if (this.#unwritten === null) return;
    const written = Math.max(0, socket.write(this.#unwritten));
    this.#unwritten = written < this.#unwritten.length ? this.#unwritten.subarray(written) : null;
  }

  #onClosed(socket: Socket, reason: string): void {
    if (socket === this.#socket) this.#break(reason);
  }

  #break(reason: string): void {
    const [socket, waiting] = [this.#socket, this.#waiting];
    this.#socket = null;
    this.#waiting = null;
    this.#unwritten = null;
    socket?.terminate();
    waiting?.reject(new BrokenRequest(reason, true));
  }
}

/** The head up to the length of the body, so that a request is one concatenation. */
function requestHead({ url, headers }: HttpTarget): string {
  const { host, pathname, search } = new URL(url);
  const lines = { Host: host, "Content-Type": "application/json", ...headers };
  const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${pathname}${search} HTTP/1.1\r\n${text.join("")}Content-Length: `;
}
