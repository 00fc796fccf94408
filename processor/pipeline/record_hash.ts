/** The hash of a record: it shows whether the log still is the one that a sink wrote from. */

const EMPTY = new Uint8Array(0);

/** xxHash64 of a record's value in 16 hex digits; a null value counts as empty. */
export function recordHash(value: Buffer | null): string {
  return Bun.hash
    .xxHash64(value ?? EMPTY)
    .toString(16)
    .padStart(16, "0");
}
