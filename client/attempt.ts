/** What may fail at any time and must not stop the page that uses the client. */

/** The result, or undefined when it throws. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    // Each caller says what happens then.
    return undefined;
  }
}
