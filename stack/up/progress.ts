/**
 * Steps of a start as they go on: a block of lines that is drawn again on a
 * terminal, plain lines where the output goes to a file or a pipe.
 */
import { createLogUpdate } from "log-update";
import pc from "picocolors";

/** One step that a person waits for. */
export interface Step {
  note(text: string): void;
  done(text: string): void;
}

/** All steps of one start. */
export interface Progress {
  step(name: string): Step;
  /** A line of its own, above the steps while they are drawn. */
  say(text: string): void;
  /** Leaves the last state on the screen; a step that is not done then has failed. */
  close(): void;
}

/** Where it is drawn. */
export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly now?: () => number;
}

/** Begins the display. */
export function createProgress(options: ProgressOptions): Progress {
  const now = options.now ?? (() => performance.now());
  return options.stream.isTTY ? drawn(options.stream, now) : plain(options.stream, now);
}

type State = "running" | "done" | "failed";

interface Line {
  readonly name: string;
  readonly startMs: number;
  state: State;
  text: string;
  ms: number;
}

/** Time between two drawings (ms). */
const DRAW_MS = 100;

function drawn(stream: NodeJS.WriteStream, now: () => number): Progress {
  const lines: Line[] = [];
  const update = createLogUpdate(stream, { showCursor: true });
  const draw = () => update(lines.map((line) => drawLine(line, now())).join("\n"));
  const timer = setInterval(draw, DRAW_MS);
  timer.unref();
  let closed = false;
  return {
    say: (text) => {
      if (!closed) update.clear();
      stream.write(`${text}\n`);
      if (!closed) draw();
    },
    step: (name) => {
      const line: Line = { name, startMs: now(), state: "running", text: "", ms: 0 };
      lines.push(line);
      return stepOf(line, { now, onChange: draw });
    },
    close: () => {
      closed = true;
      clearInterval(timer);
      // What was not done by now never will be.
      for (const line of lines) if (line.state === "running") line.state = "failed";
      draw();
      update.done();
    },
  };
}

/** A note is repeated on plain output this often at most (ms). */
const NOTE_MS_MIN = 5_000;

function plain(stream: NodeJS.WriteStream, now: () => number): Progress {
  const step = (name: string): Step => {
    const line: Line = { name, startMs: now(), state: "running", text: "", ms: 0 };
    let saidMs = Number.NEGATIVE_INFINITY;
    const onChange = () => {
      if (line.state === "running" && now() - saidMs < NOTE_MS_MIN) return;
      saidMs = now();
      const seconds = line.state === "done" ? ` (${formatSeconds(line.ms)})` : "";
      stream.write(`${name}: ${line.text}${seconds}\n`);
    };
    return stepOf(line, { now, onChange });
  };
  return { step, say: (text) => stream.write(`${text}\n`), close: () => undefined };
}

function stepOf(line: Line, hooks: { now: () => number; onChange: () => void }): Step {
  return {
    note: (text) => {
      if (line.text === text) return;
      line.text = text;
      hooks.onChange();
    },
    done: (text) => {
      Object.assign(line, { state: "done", text, ms: hooks.now() - line.startMs });
      hooks.onChange();
    },
  };
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const NAME_WIDTH = 14;

function drawLine(line: Line, nowMs: number): string {
  const frame = FRAMES[Math.floor(nowMs / DRAW_MS) % FRAMES.length] ?? "";
  const sign = { running: pc.cyan(frame), done: pc.green("✔"), failed: pc.red("✖") }[line.state];
  const ms = line.state === "running" ? nowMs - line.startMs : line.ms;
  return `  ${sign} ${line.name.padEnd(NAME_WIDTH)} ${line.text} ${pc.dim(formatSeconds(ms))}`;
}

function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
