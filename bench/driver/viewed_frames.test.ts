import { expect, test } from "bun:test";

import { newReading, noteText } from "./viewed_frames.ts";

const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ne\r\nretry: 1000\n\n";
const frame = (id: number, rows: number): string =>
  `\r\n4c\r\nid: ${id}\nevent: metrics\ndata: {"ts":"x","receivedTotal":9,"writtenTotal":${rows},"n":1}\n\n`;

function read(...texts: readonly string[]) {
  const reading = newReading();
  for (const text of texts) noteText(reading, text);
  return reading;
}

test("noteText() counts frames and knows the rows of the latest, however the bytes are cut", () => {
  const text = `${HEAD}${frame(4, 10)}\r\ne\r\n: heartbeat\n\n${frame(5, 20)}`;

  const whole = read(text);
  const cut = read(...text);

  expect(whole).toEqual({ rest: "", frames: 2, id: 5, outOfOrder: 0, skipped: 0, rows: 20 });
  expect(cut).toEqual(whole);
});

test("noteText() leaves out the counts that come after a frame", () => {
  const counts = `event: counts\ndata: {"ts":"x","minutes":[{"types":{"\\"writtenTotal\\":9":1}}]}\n\n`;

  const reading = read(HEAD, frame(4, 10), counts, frame(5, 20), counts);

  expect(reading).toEqual({ rest: "", frames: 2, id: 5, outOfOrder: 0, skipped: 0, rows: 20 });
});

test("noteText() counts frames that were skipped, came twice or came in the wrong order", () => {
  expect(read(frame(4, 1), frame(7, 1), frame(8, 1))).toMatchObject({ skipped: 2, outOfOrder: 0 });
  expect(read(frame(4, 1), frame(4, 1))).toMatchObject({ skipped: 0, outOfOrder: 1 });
  expect(read(frame(4, 1), frame(3, 1))).toMatchObject({ skipped: 0, outOfOrder: 1 });
});
