/** What is seen of PostgreSQL and S3 by those who use them, put together. */
import type { ErrorCode, MetricsFrame } from "@tally/shared";
import type { Sink } from "../pipeline/sink.ts";

/** What is known of a dependency. */
export type DependencyState = MetricsFrame["dependencies"]["kafka"]["state"];

/** What is seen. */
export type SeenDependency = "postgres" | "s3";

export interface SeenStates {
  /** Told with which codes calls of a sink fail from now on; none: all is well. */
  failing(sink: Sink["name"], codes: ReadonlySet<ErrorCode>): void;
  /** Told whether a look at a dependency got an answer; a stored object is such an answer. */
  looked(dependency: SeenDependency, isAnswered: boolean): void;
  /**
   * Down while a call of either sink fails for that dependency's sake, else what the last look
   * found; a dependency that nobody has looked at is left out.
   */
  states(): Partial<Record<SeenDependency, DependencyState>>;
}

/** The dependency whose fault an error is, by its code; of other codes, Kafka's say, none. */
export const DEPENDENCY_BY_CODE: ReadonlyMap<ErrorCode, SeenDependency> = new Map([
  ["database_unavailable", "postgres"],
  ["archive_unavailable", "s3"],
]);

/** Nobody has seen anything yet. */
export function createSeenStates(): SeenStates {
  const answers = new Map<SeenDependency, boolean>();
  const failures = new Map<Sink["name"], ReadonlySet<ErrorCode>>();
  return {
    failing: (sink, codes) => void failures.set(sink, codes),
    looked: (dependency, isAnswered) => void answers.set(dependency, isAnswered),
    states() {
      const states: Partial<Record<SeenDependency, DependencyState>> = {};
      for (const [dependency, isAnswered] of answers) {
        states[dependency] = isAnswered ? "up" : "down";
      }
      for (const code of [...failures.values()].flatMap((codes) => [...codes])) {
        const dependency = DEPENDENCY_BY_CODE.get(code);
        if (dependency !== undefined) states[dependency] = "down";
      }
      return states;
    },
  };
}
