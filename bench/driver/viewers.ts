/**
 * Viewers of the live stream as a separate process: many that read and check what they
 * get, and some that never read. Entry point.
 */
import type { Socket } from "bun";

import { runAsProgram, type ProgramContext } from "./child.ts";
import { noteText, newReading, type Reading } from "./viewed_frames.ts";

/** How many viewers of each kind. */
export interface ViewersWanted {
  readonly reading: number;
  /** Viewers that open a stream and never read from it. */
  readonly silent: number;
}

/** What the parent asks for. */
export interface ViewersOrder extends ViewersWanted {
  readonly host: string;
  readonly port: number;
}

/** The report of this program, every 250 ms from the moment when all are open. */
export interface ViewersCounts {
  open: number;
  closed: number;
  /** Bytes that all readers got. */
  bytes: number;
  /** Frames of the reader that has got the fewest. */
  framesMin: number;
  /** Frames that did not follow the one before, and those that were skipped, of all readers. */
  outOfOrder: number;
  skipped: number;
  /** The rows that the newest frames show: the least and the most of all readers. */
  rowsMin: number;
  rowsMax: number;
}

const REPORT_MS = 250;

if (import.meta.main) await runAsProgram(main);

async function main(order: ViewersOrder, { report }: ProgramContext<ViewersCounts>): Promise<void> {
  const { reading, silent } = order;
  const counts = { open: 0, closed: 0, bytes: 0 };
  const readings: Reading[] = [];
  for (let number = 0; number < reading; number += 1) {
    const own = newReading();
    readings.push(own);
    const onBytes = (bytes: Buffer): void => {
      counts.bytes += bytes.length;
      noteText(own, bytes.toString("latin1"));
    };
    const socket = await connect(order, { onBytes, onClosed: () => (counts.closed += 1) });
    ask(socket, order, "/metrics/stream");
    counts.open += 1;
  }
  for (let number = 0; number < silent; number += 1) {
    const socket = await connect(order, { onClosed: () => (counts.closed += 1) });
    ask(socket, order, "/metrics/stream");
    socket.pause();
    counts.open += 1;
  }
  setInterval(() => report({ ...counts, ...sumsOf(readings) }), REPORT_MS);
}

interface Handlers {
  readonly onBytes?: (bytes: Buffer) => void;
  readonly onClosed?: () => void;
}

function connect({ host, port }: ViewersOrder, handlers: Handlers): Promise<Socket> {
  return Bun.connect({
    hostname: host,
    port,
    socket: {
      data: (_, bytes) => handlers.onBytes?.(bytes),
      close: () => handlers.onClosed?.(),
      error: () => undefined,
    },
  });
}

function ask(socket: Socket, { host, port }: ViewersOrder, path: string): void {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nAccept: */*\r\n\r\n`);
}

function sumsOf(readings: readonly Reading[]) {
  const sum = (which: "outOfOrder" | "skipped") =>
    readings.reduce((total, reading) => total + reading[which], 0);
  const rows = readings.map((reading) => reading.rows);
  return {
    framesMin: Math.min(...readings.map(({ frames }) => frames)),
    outOfOrder: sum("outOfOrder"),
    skipped: sum("skipped"),
    rowsMin: Math.min(...rows),
    rowsMax: Math.max(...rows),
  };
}
