/**
 * Viewers of the live stream as a process of its own: many that read, some that
 * never do. Entry point.
 */
import type { Socket } from "bun";

/** What the harness asks for: the one argument, as JSON. */
export interface ViewersOrder {
  readonly host: string;
  readonly port: number;
  readonly reading: number;
  /** That open a stream and never read from it. */
  readonly silent: number;
}

/** What it tells, a line of JSON a second. */
export interface ViewersCounts {
  open: number;
  closed: number;
  /** Bytes that all readers got. */
  bytes: number;
}

const TELL_MS = 250;

if (import.meta.main) await main(JSON.parse(Bun.argv[2] ?? "") as ViewersOrder);

async function main({ host, port, reading, silent }: ViewersOrder): Promise<void> {
  // The terminal's first Ctrl-C is for the harness, as it is in driver.ts.
  process.once("SIGINT", () => undefined);
  const counts: ViewersCounts = { open: 0, closed: 0, bytes: 0 };
  const request = `GET /metrics/stream HTTP/1.1\r\nHost: ${host}:${port}\r\nAccept: text/event-stream\r\n\r\n`;
  for (let number = 0; number < reading + silent; number += 1) {
    const isSilent = number >= reading;
    const socket = await Bun.connect({
      hostname: host,
      port,
      socket: {
        data: (_, bytes) => {
          counts.bytes += bytes.length;
        },
        close: () => {
          counts.closed += 1;
        },
        error: () => undefined,
      },
    });
    open(socket, request, isSilent);
    counts.open += 1;
  }
  setInterval(() => process.stdout.write(`${JSON.stringify(counts)}\n`), TELL_MS);
}

function open(socket: Socket, request: string, isSilent: boolean): void {
  socket.write(request);
  if (isSilent) socket.pause();
}
