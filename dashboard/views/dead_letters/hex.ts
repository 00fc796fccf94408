/** Bytes as a hex dump, as `hexdump -C` prints it. Pure. */

const ROW_BYTES = 16;
/** Most bytes of a dump: more lines would stop the page. // chosen */
export const DUMPED_BYTES_MAX = 16 * 1024;

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

/** Offset, bytes, and the printable ASCII among them; the last line counts what is left out. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  const shown = Math.min(bytes.length, DUMPED_BYTES_MAX);
  for (let start = 0; start < shown; start += ROW_BYTES) {
    const row = [...bytes.subarray(start, Math.min(start + ROW_BYTES, shown))];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0"));
    const left = hex
      .slice(0, ROW_BYTES / 2)
      .join(" ")
      .padEnd(ROW_BYTES * 1.5 - 1);
    const right = hex
      .slice(ROW_BYTES / 2)
      .join(" ")
      .padEnd(ROW_BYTES * 1.5 - 1);
    const ascii = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."));
    lines.push(`${start.toString(16).padStart(8, "0")}  ${left}  ${right}  |${ascii.join("")}|`);
  }
  if (bytes.length > shown) lines.push(`… ${bytes.length - shown} bytes more`);
  return lines.join("\n");
}
