/** What a child process tells: JSON, a line each. */

/** Calls `onLine` with the last whole line of each piece of output; resolves at the end. */
export async function readJsonLines<T>(
  stdout: ReadableStream<Uint8Array>,
  onLine: (line: T) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stdout) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    const last = lines.at(-1);
    if (last !== undefined) onLine(JSON.parse(last) as T);
  }
}
