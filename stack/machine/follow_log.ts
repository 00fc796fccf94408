/** Shows the warnings and errors of a service's log, which is written to a file. */
import { open, stat } from "node:fs/promises";

/** Time between two reads of the file (ms). */
const LOOK_MS = 300;
/** Most bytes of one read; lines beyond that are in the file only. */
const LOOK_BYTES_MAX = 64 * 1024;
/** Most lines shown per read. */
const LINES_MAX = 5;

/** Follows a file from its present end; returns a function that stops it. */
export async function followLog(path: string, onLine: (line: string) => void): Promise<() => void> {
  let offset = (await stat(path).catch(() => null))?.size ?? 0;
  let rest = "";
  const look = async () => {
    const { text, end } = await readFrom(path, offset);
    offset = end;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    const shown = lines.flatMap((line) => worthShowing(line) ?? []);
    for (const line of shown.slice(0, LINES_MAX)) onLine(line);
    if (shown.length > LINES_MAX) onLine(`${shown.length - LINES_MAX} more lines in ${path}`);
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** A warning or an error of a service's log as one plain line; null for the rest. Pure. */
export function worthShowing(line: string): string | null {
  if (line.trim() === "") return null;
  const entry = parseEntry(line);
  // Not written by the log: the output of a crashing process.
  if (entry === null) return line;
  if (entry.level !== "warn" && entry.level !== "error") return null;
  const cause = entry.error?.message ?? entry.code;
  return `${entry.level}: ${entry.msg ?? ""}${cause ? ` (${cause})` : ""}`;
}

interface LogEntry {
  readonly level?: string;
  readonly msg?: string;
  readonly code?: string;
  readonly error?: { readonly message?: string };
}

function parseEntry(line: string): LogEntry | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    // Half a line, or other text in braces: shown as it is.
    return null;
  }
}

async function readFrom(path: string, offset: number): Promise<{ text: string; end: number }> {
  const file = await open(path).catch(() => null);
  if (file === null) return { text: "", end: offset };
  try {
    const { size } = await file.stat();
    // Shorter than before: the file was started again.
    const from = size < offset ? 0 : Math.max(offset, size - LOOK_BYTES_MAX);
    const bytes = Buffer.alloc(size - from);
    await file.read(bytes, 0, bytes.length, from);
    return { text: bytes.toString("utf8"), end: size };
  } finally {
    await file.close();
  }
}
