/** Finds out whether a test expects a value of a metric. Test support. */

/** Whether a test names the metric: whole, as exposed, or without the name of its service. */
export function hasValueOf(text: string, name: string): boolean {
  const short = name.replace(/^[a-z]+_/, "");
  return new RegExp(`["'\`\\s.](?:${name}|${short})(?:_count)?["'\`\\s{.]`).test(text);
}
