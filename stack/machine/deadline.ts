/** Waiting for a condition, always with an end. */

/** Pause between two looks at a condition (ms): short against a start of seconds. */
const POLL_MS = 25;

/**
 * Asks again and again until the answer is true.
 *
 * @returns true as soon as it holds, false when `msMax` has passed before that.
 */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  msMax: number,
): Promise<boolean> {
  const endMs = performance.now() + msMax;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() >= endMs) return false;
    await Bun.sleep(POLL_MS);
  }
}
