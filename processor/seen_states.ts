/** What the two sinks have seen of PostgreSQL and S3, put together. */
import type { PipelineError } from "@tally/shared";
import type { DependencyState } from "./single_flight.ts";
import type { Sink } from "./sink.ts";

/** Who sees whether a dependency answers. */
export type Witness = Sink["name"];

/** What is seen. */
export type SeenDependency = "postgres" | "s3";

export interface SeenStates {
  /** An answer came. The witness speaks for itself: what others saw fail stays down. */
  worked(witness: Witness, dependency: SeenDependency): void;
  /** A failure; one that is neither's, of Kafka for example, changes nothing. */
  failed(witness: Witness, error: PipelineError): void;
  /** Down while one witness sees it down; a dependency that nobody has seen is left out. */
  states(): Partial<Record<SeenDependency, DependencyState>>;
}

const FAILED_BY_CODE: ReadonlyMap<string, SeenDependency> = new Map([
  ["database_unavailable", "postgres"],
  ["archive_unavailable", "s3"],
]);

/** Nobody has seen anything yet. */
export function createSeenStates(): SeenStates {
  const isUp = { postgres: new Map<Witness, boolean>(), s3: new Map<Witness, boolean>() };
  const stateOf = (dependency: SeenDependency): Partial<Record<SeenDependency, "up" | "down">> => {
    const seen = [...isUp[dependency].values()];
    if (seen.length === 0) return {};
    return { [dependency]: seen.every(Boolean) ? "up" : "down" };
  };
  return {
    worked: (witness, dependency) => void isUp[dependency].set(witness, true),
    failed(witness, error) {
      const dependency = FAILED_BY_CODE.get(error.code);
      if (dependency !== undefined) isUp[dependency].set(witness, false);
    },
    states: () => ({ ...stateOf("postgres"), ...stateOf("s3") }),
  };
}
