/**
 * Viewers of the live stream as a separate process: many that read, and some that
 * never do. Entry point.
 */
import type { Socket } from "bun";

import { runAsProgram, type ProgramContext } from "./child.ts";

/** What the parent asks for. */
export interface ViewersOrder {
  readonly host: string;
  readonly port: number;
  readonly reading: number;
  /** Viewers that open a stream and never read from it. */
  readonly silent: number;
}

/** The report of this program, every 250 ms from the moment when all are open. */
export interface ViewersCounts {
  open: number;
  closed: number;
  /** Bytes that all readers got. */
  bytes: number;
}

const REPORT_MS = 250;

if (import.meta.main) await runAsProgram(main);

async function main(
  { host, port, reading, silent }: ViewersOrder,
  { report }: ProgramContext<ViewersCounts>,
): Promise<void> {
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
  setInterval(() => report(counts), REPORT_MS);
}

function open(socket: Socket, request: string, isSilent: boolean): void {
  socket.write(request);
  if (isSilent) socket.pause();
}
