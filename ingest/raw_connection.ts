/** A bare connection for tests of what no well-behaved client sends. */
import { createConnection, type Socket } from "node:net";
import { until } from "./testing.ts";

/** What came back over one connection. */
export class RawConnection {
  readonly #socket: Socket;
  #received = "";
  #isClosed = false;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = createConnection({ host: hostname, port: Number(port) });
    this.#socket.on("data", (bytes) => (this.#received += bytes.toString("latin1")));
    this.#socket.on("close", () => (this.#isClosed = true));
    // A reset is one of the expected ends; the test looks at what came before it.
    this.#socket.on("error", () => undefined);
  }

  /** Everything received so far. */
  get received(): string {
    return this.#received;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Statuses of the answers so far. */
  get statuses(): number[] {
    return [...this.#received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  }

  /** Sends text or bytes; resolves when the system has taken them or the connection has ended. */
  send(data: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once("close", resolve);
      this.#socket.write(data, () => {
        this.#socket.off("close", resolve);
        resolve();
      });
    });
  }

  /** Sends the head of a `POST /events`, with further header lines. */
  sendHead(...lines: string[]): Promise<void> {
    const head = ["POST /events HTTP/1.1", "Host: tally.test", "Content-Type: application/json"];
    return this.send(`${[...head, ...lines].join("\r\n")}\r\n\r\n`);
  }

  /** Waits for the status of the answer at a place, from 0. */
  async status(at = 0): Promise<number> {
    await until(() => this.statuses.length > at || this.#isClosed);
    return this.statuses[at] ?? 0;
  }

  end(): void {
    this.#socket.destroy();
  }
}
