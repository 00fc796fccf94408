/**
 * Finds out whether a zstd body is complete, by walking its frames (RFC 8878). Bun's
 * decoder (1.4.5) reports no error when its input ends early. Without this file a cut
 * NDJSON body would pass as a shorter one: a 202 for fewer events than were sent.
 */

/** The window that every decoder should support, by the RFC; a larger window costs more memory. */
const WINDOW_BYTES_MAX = 8 * 1024 * 1024;
const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

/** Whether the bytes are whole frames, one or more, with windows of at most 8 MiB. */
export function isWholeZstd(bytes: Buffer): boolean {
  let at = 0;
  while (at < bytes.length) {
    if (at + 8 > bytes.length) return false;
    const magic = bytes.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) at += 8 + bytes.readUInt32LE(at + 4);
    else if (magic === FRAME_MAGIC) at = frameEnd(bytes, at + 4);
    else return false;
    if (at > bytes.length) return false;
  }
  return bytes.length > 0;
}

/** Index after the frame whose header is at `start`; beyond the bytes when cut or not allowed. */
function frameEnd(bytes: Buffer, start: number): number {
  const cut = bytes.length + 1;
  const descriptor = bytes[start] ?? 0;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const dictionaryBytes = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0;
  const sizeBytes = CONTENT_SIZE_BYTES[descriptor >>> 6] || (isSingleSegment ? 1 : 0);
  let at = start + 1;
  if (!isSingleSegment && windowBytes(bytes[at++] ?? 0) > WINDOW_BYTES_MAX) return cut;
  at += dictionaryBytes + sizeBytes;
  for (let isLast = false; !isLast;) {
    if (at + 3 > bytes.length) return cut;
    const header = bytes.readUIntLE(at, 3);
    isLast = (header & 1) === 1;
    const isRunLength = ((header >>> 1) & 3) === 1;
    at += 3 + (isRunLength ? 1 : header >>> 3);
  }
  return at + (hasChecksum ? 4 : 0);
}

function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}
