/**
 * Steps of a command while it runs: a block of lines that is drawn again on a
 * terminal, plain lines where the output goes to a file or a pipe.
 */
import { createLogUpdate } from "log-update";
import pc from "picocolors";

/** One step that a person waits for. */
export interface Step {
  note(text: string): void;
  /** Moves the bar of a step that has a total. */
  show(value: number, text: string): void;
  done(text: string): void;
  fail(text: string): void;
}

/** All steps of one command. */
export interface Progress {
  /** Begins a step. @param total Where its bar ends; no bar when left out. */
  step(name: string, total?: number): Step;
  /** Prints a line of its own, above the steps while they are drawn. */
  say(text: string): void;
  /** Leaves the last state on the screen; a step that is not done by now has failed. */
  close(): void;
}

/** Where it is drawn. */
export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly now?: () => number;
  /** Shortest time between two plain lines of one step, ms; its end is always printed. */
  readonly plainMsMin?: number;
}

/** Chosen: enough lines to see that a step is alive, few enough to read the log of a build. */
const PLAIN_MS_MIN = 5_000;

/** Begins the display. */
export function createProgress({
  stream,
  now = () => performance.now(),
  plainMsMin = PLAIN_MS_MIN,
}: ProgressOptions): Progress {
  return stream.isTTY ? drawn(stream, now) : plain(stream, { now, plainMsMin });
}

/** Shows nothing, for tests and for commands inside commands. */
export const silentProgress: Progress = {
  step: () => ({
    note: () => undefined,
    show: () => undefined,
    done: () => undefined,
    fail: () => undefined,
  }),
  say: () => undefined,
  close: () => undefined,
};

interface Line {
  readonly name: string;
  readonly startMs: number;
  readonly total: number | null;
  value: number;
  state: "running" | "done" | "failed";
  text: string;
  ms: number;
}

function newLine(name: string, total: number | undefined, startMs: number): Line {
  return { name, startMs, total: total ?? null, value: 0, state: "running", text: "", ms: 0 };
}

/** Time between two drawings (ms). */
const DRAW_MS = 100;

function drawn(stream: NodeJS.WriteStream, now: () => number): Progress {
  const lines: Line[] = [];
  const update = createLogUpdate(stream, { showCursor: true });
  let closed = false;
  const draw = () => {
    if (!closed) update(lines.map((line) => drawLine(line, now())).join("\n"));
  };
  const timer = setInterval(draw, DRAW_MS);
  timer.unref();
  return {
    say: (text) => {
      if (!closed) update.clear();
      stream.write(`${text}\n`);
      draw();
    },
    step: (name, total) => {
      const line = newLine(name, total, now());
      lines.push(line);
      // A bar may move thousands of times per second: the timer draws it.
      return stepOf(line, { now, onChange: draw, onMove: () => undefined });
    },
    close: () => {
      if (closed) return;
      clearInterval(timer);
      for (const line of lines) if (line.state === "running") line.state = "failed";
      draw();
      closed = true;
      update.done();
    },
  };
}

function plain(
  stream: NodeJS.WriteStream,
  { now, plainMsMin }: { readonly now: () => number; readonly plainMsMin: number },
): Progress {
  const step = (name: string, total?: number): Step => {
    const line = newLine(name, total, now());
    let printedMs = Number.NEGATIVE_INFINITY;
    const onChange = () => {
      const isRunning = line.state === "running";
      if (isRunning && now() - printedMs < plainMsMin) return;
      printedMs = now();
      const share = isRunning && line.total !== null ? `${percentOf(line)} %, ` : "";
      const seconds = formatSeconds(isRunning ? now() - line.startMs : line.ms);
      stream.write(`${name}: ${share}${line.text} (${seconds})\n`);
    };
    return stepOf(line, { now, onChange, onMove: onChange });
  };
  return { step, say: (text) => stream.write(`${text}\n`), close: () => undefined };
}

interface Hooks {
  readonly now: () => number;
  readonly onChange: () => void;
  readonly onMove: () => void;
}

function stepOf(line: Line, { now, onChange, onMove }: Hooks): Step {
  const end = (state: Line["state"], text: string) => {
    Object.assign(line, { state, text, ms: now() - line.startMs });
    onChange();
  };
  return {
    note: (text) => {
      if (line.text === text) return;
      line.text = text;
      onChange();
    },
    show: (value, text) => {
      Object.assign(line, { value, text });
      onMove();
    },
    done: (text) => end("done", text),
    fail: (text) => end("failed", text),
  };
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const NAME_WIDTH = 14;
const BAR_WIDTH = 24;

function drawLine(line: Line, nowMs: number): string {
  const frame = FRAMES[Math.floor(nowMs / DRAW_MS) % FRAMES.length] ?? "";
  const sign = { running: pc.cyan(frame), done: pc.green("✔"), failed: pc.red("✖") }[line.state];
  const ms = line.state === "running" ? nowMs - line.startMs : line.ms;
  const bar = line.total === null || line.state !== "running" ? "" : `${barOf(line)} `;
  const name = line.name.padEnd(NAME_WIDTH);
  return `  ${sign} ${name} ${bar}${line.text} ${pc.dim(formatSeconds(ms))}`;
}

function barOf(line: Line): string {
  const full = Math.round((percentOf(line) / 100) * BAR_WIDTH);
  return `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}`;
}

function percentOf({ value, total }: Line): number {
  if (total === null || total <= 0) return 0;
  return Math.floor(Math.min(1, value / total) * 100);
}

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
