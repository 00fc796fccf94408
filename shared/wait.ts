/** Waits that have a bound. */

/** The answer, or null when it takes longer. */
export async function withinTime<T>(answer: Promise<T>, waitMsMax: number): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), waitMsMax);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}
