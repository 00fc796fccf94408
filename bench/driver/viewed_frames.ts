/** What one viewer has got from the live stream, counted while the bytes arrive. Pure. */

/** The frames of one viewer. */
export interface Reading {
  /** Text of the message that has not ended yet. */
  rest: string;
  /** Frames so far. */
  frames: number;
  /** The number of the latest frame; 0 before the first one. */
  id: number;
  /** Frames whose number is not above the one before. */
  outOfOrder: number;
  /** Numbers that were left out. */
  skipped: number;
  /** The rows that the latest frame shows. */
  rows: number;
}

/** Before anything has arrived. */
export function newReading(): Reading {
  return { rest: "", frames: 0, id: 0, outOfOrder: 0, skipped: 0, rows: 0 };
}

/** Adds the next bytes, as text. */
export function noteText(reading: Reading, text: string): void {
  const messages = (reading.rest + text).split("\n\n");
  reading.rest = messages.pop() ?? "";
  for (const message of messages) noteMessage(reading, message);
}

/** A message may begin with the head of the answer or the length of an HTTP chunk. */
function noteMessage(reading: Reading, message: string): void {
  const id = Number(/^id: (\d+)$/m.exec(message)?.[1] ?? Number.NaN);
  const rows = Number(/"writtenTotal":(\d+)/.exec(message)?.[1] ?? Number.NaN);
  if (Number.isNaN(id) || Number.isNaN(rows)) return;
  if (reading.frames > 0 && id <= reading.id) reading.outOfOrder += 1;
  else if (reading.frames > 0) reading.skipped += id - reading.id - 1;
  Object.assign(reading, { id, rows, frames: reading.frames + 1 });
}
