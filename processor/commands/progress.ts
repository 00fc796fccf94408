/** Shows how far the load test is: a bar in a terminal, a line now and then elsewhere. */
import { SingleBar, Presets } from "cli-progress";

/** Shows one phase after the other. */
export interface LoadProgress {
  /** Begins a phase; `total` is what its bar runs to. */
  begin(phase: string, total: number): void;
  /** Moves the bar; `text` stands beside it. */
  show(value: number, text: string): void;
  end(): void;
}

/** Time between two lines where there is no terminal, ms. */
const LINE_MS = 2_000;

/** Writes to stderr, so that stdout holds the report alone. */
export function createProgress(): LoadProgress {
  let bar: SingleBar | null = null;
  return {
    begin(phase, total) {
      bar = new SingleBar(
        {
          format: `${phase.padEnd(9)} {bar} {text}`,
          barsize: 24,
          hideCursor: true,
          noTTYOutput: true,
          notTTYSchedule: LINE_MS,
          stream: process.stderr,
        },
        Presets.shades_classic,
      );
      bar.start(Math.max(1, total), 0, { text: "" });
    },
    show: (value, text) => bar?.update(value, { text }),
    end() {
      bar?.stop();
      bar = null;
    },
  };
}

/** Shows nothing, for tests. */
export const silentProgress: LoadProgress = {
  begin: () => undefined,
  show: () => undefined,
  end: () => undefined,
};
