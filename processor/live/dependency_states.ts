/**
 * The state of Kafka, PostgreSQL and S3, derived from what the code that uses them observes:
 * failing calls of the sinks, and the outcome of single requests.
 */
import {
  formatTimestamp,
  type DependencyFrame,
  type ErrorCode,
  type MetricsFrame,
  type PipelineError,
  type WallClock,
} from "@tally/shared";
import type { Sink } from "../pipeline/sink.ts";
import type { Failures } from "../pipeline/sink_health.ts";

/** The state of one dependency, as frames and `/health` show it. */
export type DependencyState = MetricsFrame["dependencies"]["kafka"]["state"];

/** The dependencies whose state is observed here. */
export type SeenDependency = "kafka" | "postgres" | "s3";

/** Who observes Kafka: the reader of the topic, and the consumer of each sink. */
export type KafkaObserver = "topic" | Sink["name"];

export interface SeenStates {
  /** Sets how calls of a sink fail from now on; an empty map when none fails. */
  failing(sink: Sink["name"], failures: Failures): void;
  /** Notes that a dependency has answered; a stored object is an answer. */
  answered(dependency: SeenDependency): void;
  /** Notes a failed request; an error that blames no dependency changes nothing. */
  failed(error: PipelineError): void;
  /** Notes how Kafka answered one of its clients last; null when all is well. */
  kafka(observer: KafkaObserver, error: PipelineError | null): void;
  /**
   * A dependency is down, or waits for an operator, while a call of either sink fails because of
   * it; otherwise its state is the outcome of the last request. It is left out before the first
   * request.
   */
  states(): Partial<Record<SeenDependency, DependencyState>>;
  /** What an operator has to change, for each dependency in the state `configuration`. */
  remedies(): Partial<Record<SeenDependency, string>>;
  /** The last error that blamed each dependency, also when it answers again. */
  errors(): Partial<Record<SeenDependency, LastError>>;
}

/** An error, and when it was seen, UTC. */
export type LastError = NonNullable<DependencyFrame["lastError"]>;

interface Observation {
  readonly dependency: SeenDependency;
  readonly state: DependencyState;
}

/** What an error code says. Other codes blame no dependency; Kafka is observed by its clients. */
const OBSERVATION_BY_CODE: ReadonlyMap<ErrorCode, Observation> = new Map([
  ["database_unavailable", { dependency: "postgres", state: "down" }],
  ["database_read_only", { dependency: "postgres", state: "down" }],
  ["database_misconfigured", { dependency: "postgres", state: "configuration" }],
  ["archive_unavailable", { dependency: "s3", state: "down" }],
  ["archive_misconfigured", { dependency: "s3", state: "configuration" }],
]);

/** Starts without any observation. */
export function createSeenStates(now: WallClock): SeenStates {
  const errors = new Map<SeenDependency, LastError>();
  const noteError = (dependency: SeenDependency | undefined, code: ErrorCode): void => {
    if (dependency !== undefined) errors.set(dependency, { code, at: formatTimestamp(now()) });
  };
  const outcomes = new Map<SeenDependency, Seen>();
  const failures = new Map<Sink["name"], Failures>();
  const kafka = new Map<KafkaObserver, PipelineError | null>();
  const current = (): ReadonlyMap<SeenDependency, Seen> => {
    const now = new Map<SeenDependency, Seen>();
    for (const [code, remedy] of [...failures.values()].flatMap((failing) => [...failing])) {
      const observation = OBSERVATION_BY_CODE.get(code);
      if (observation === undefined) continue;
      // Of two failures at once, the one that waits for an operator is shown.
      if (now.get(observation.dependency)?.state === "configuration") continue;
      now.set(observation.dependency, { state: observation.state, remedy });
    }
    const ofKafka = kafkaState(kafka);
    if (ofKafka !== null) now.set("kafka", ofKafka);
    return new Map([...outcomes, ...now]);
  };
  return {
    failing(sink, failing) {
      failures.set(sink, failing);
      for (const code of failing.keys()) noteError(OBSERVATION_BY_CODE.get(code)?.dependency, code);
    },
    answered: (dependency) => void outcomes.set(dependency, { state: "up", remedy: null }),
    failed({ code, remedy }) {
      const observation = OBSERVATION_BY_CODE.get(code);
      noteError(observation?.dependency, code);
      if (observation === undefined) return;
      outcomes.set(observation.dependency, { state: observation.state, remedy });
    },
    kafka(observer, error) {
      kafka.set(observer, error);
      if (error !== null) noteError("kafka", error.code);
    },
    errors: () => Object.fromEntries(errors),
    states: () => Object.fromEntries([...current()].map(([name, { state }]) => [name, state])),
    remedies: () =>
      Object.fromEntries(
        [...current()].flatMap(([name, { state, remedy }]) =>
          state === "configuration" && remedy !== null ? [[name, remedy]] : [],
        ),
      ),
  };
}

/** A consumer reports passing trouble too: only what waits for an operator counts there. */
function kafkaState(seen: ReadonlyMap<KafkaObserver, PipelineError | null>): Seen | null {
  const refused = [...seen.values()].find((error) => error?.code === "broker_misconfigured");
  if (refused) return { state: "configuration", remedy: refused.remedy };
  const topic = seen.get("topic");
  return topic === undefined ? null : { state: topic === null ? "up" : "down", remedy: null };
}

interface Seen {
  readonly state: DependencyState;
  readonly remedy: string | null;
}
