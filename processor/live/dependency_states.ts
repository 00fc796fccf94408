/**
 * The state of PostgreSQL and S3, derived from what the code that uses them observes:
 * failing calls of the sinks, and the outcome of single requests.
 */
import type { ErrorCode, MetricsFrame } from "@tally/shared";
import type { Sink } from "../pipeline/sink.ts";

/** The state of one dependency, as frames and `/health` show it. */
export type DependencyState = MetricsFrame["dependencies"]["kafka"]["state"];

/** The dependencies whose state is observed here. Kafka's comes from its client. */
export type SeenDependency = "postgres" | "s3";

export interface SeenStates {
  /** Sets the codes with which calls of a sink fail from now on; an empty set when none fails. */
  failing(sink: Sink["name"], codes: ReadonlySet<ErrorCode>): void;
  /** Notes whether a request got an answer from a dependency; a stored object is an answer. */
  looked(dependency: SeenDependency, isAnswered: boolean): void;
  /**
   * A dependency is down while a call of either sink fails because of it; otherwise its state is
   * the outcome of the last request. It is left out before the first request.
   */
  states(): Partial<Record<SeenDependency, DependencyState>>;
}

/** Which dependency an error code blames. Other codes (Kafka's, for example) blame neither. */
export const DEPENDENCY_BY_CODE: ReadonlyMap<ErrorCode, SeenDependency> = new Map([
  ["database_unavailable", "postgres"],
  ["archive_unavailable", "s3"],
]);

/** Starts without any observation. */
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
