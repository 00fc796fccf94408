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
  type WallMs,
} from "@tally/shared";
import type { Sink } from "../pipeline/sink.ts";
import type { Failures } from "../pipeline/sink_health.ts";
import type { StoreAnswers } from "./store_answers.ts";

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
  /** Notes a request that failed and when it began; an error of no dependency changes nothing. */
  failed(error: PipelineError, beganMs: WallMs): void;
  /** Notes how Kafka answered one of its clients last; null when all is well. */
  kafka(observer: KafkaObserver, error: PipelineError | null): void;
  /**
   * A dependency is down, or waits for an operator, while a call of either sink fails because of
   * it, and the store while it is silent; otherwise its state is the outcome of the last request.
   * It is left out before the first request.
   */
  states(): Partial<Record<SeenDependency, DependencyState>>;
  /** When the first request began that failed, for each dependency that does not work. */
  troubles(): Partial<Record<SeenDependency, WallMs>>;
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
export function createSeenStates(
  now: WallClock,
  store?: Pick<StoreAnswers, "silence">,
): SeenStates {
  const errors = new Map<SeenDependency, LastError>();
  const noteError = (
    dependency: SeenDependency | undefined,
    code: ErrorCode,
    text: string,
  ): void => {
    if (dependency === undefined) return;
    errors.set(dependency, lastError(code, text, now()));
  };
  const outcomes = new Map<SeenDependency, Seen>();
  const failures = new Map<Sink["name"], Failures>();
  const kafka = new Map<KafkaObserver, KafkaSeen | null>();
  /** A store that hangs has no error yet. */
  const noteSilence = (known: Map<SeenDependency, Seen>): void => {
    const silence = store?.silence() ?? null;
    if (silence === null) return;
    const { sinceMs, what } = silence;
    const failing = known.get("s3") ?? { state: "down", remedy: null, sinceMs };
    known.set("s3", { ...failing, sinceMs: Math.min(failing.sinceMs ?? sinceMs, sinceMs) });
    if (Date.parse(errors.get("s3")?.at ?? "") >= sinceMs) return;
    noteError("s3", "archive_unavailable", `Cannot ${what}: no answer`);
  };
  const current = (): ReadonlyMap<SeenDependency, Seen> => {
    const known = readFailures(failures.values());
    const ofKafka = kafkaState(kafka);
    if (ofKafka !== null) known.set("kafka", ofKafka);
    noteSilence(known);
    return new Map([...outcomes, ...known]);
  };
  return {
    failing(sink, failing) {
      failures.set(sink, failing);
      for (const [code, { message }] of failing) {
        noteError(OBSERVATION_BY_CODE.get(code)?.dependency, code, message);
      }
    },
    answered(dependency) {
      outcomes.set(dependency, { state: "up", remedy: null, sinceMs: null });
    },
    failed({ code, remedy, message }, beganMs) {
      const observation = OBSERVATION_BY_CODE.get(code);
      noteError(observation?.dependency, code, message);
      if (observation === undefined) return;
      const { dependency, state } = observation;
      const sinceMs = outcomes.get(dependency)?.sinceMs ?? beganMs;
      outcomes.set(dependency, { state, remedy, sinceMs });
    },
    kafka(observer, error) {
      const sinceMs = kafka.get(observer)?.sinceMs ?? now();
      kafka.set(observer, error === null ? null : { error, sinceMs });
      if (error !== null) noteError("kafka", error.code, error.message);
    },
    errors() {
      current();
      return Object.fromEntries(errors);
    },
    states: () => pick(current(), ({ state }) => state),
    troubles: () => pick(current(), ({ sinceMs }) => sinceMs),
    remedies: () =>
      pick(current(), ({ state, remedy }) => (state === "configuration" ? remedy : null)),
  };
}

/** What the failing calls say. Of two failures at once, the one that waits for an operator. */
function readFailures(all: Iterable<Failures>): Map<SeenDependency, Seen> {
  const known = new Map<SeenDependency, Seen>();
  for (const [code, { remedy, sinceMs }] of [...all].flatMap((failing) => [...failing])) {
    const observation = OBSERVATION_BY_CODE.get(code);
    if (observation === undefined) continue;
    const { dependency, state } = observation;
    const before = known.get(dependency);
    const firstMs = Math.min(sinceMs, before?.sinceMs ?? sinceMs);
    const shown = before?.state === "configuration" ? before : { state, remedy };
    known.set(dependency, { ...shown, sinceMs: firstMs });
  }
  return known;
}

/** One figure of each dependency that has it. */
function pick<T>(
  seen: ReadonlyMap<SeenDependency, Seen>,
  read: (seen: Seen) => T | null,
): Partial<Record<SeenDependency, T>> {
  const picked: Partial<Record<SeenDependency, T>> = {};
  for (const [name, each] of seen) {
    const value = read(each);
    if (value !== null) picked[name] = value;
  }
  return picked;
}

/** An error as frames show it. */
export function lastError(code: ErrorCode, message: string, atMs: WallMs): LastError {
  return { code, at: formatTimestamp(atMs), message: message.slice(0, MESSAGE_CHARACTERS_MAX) };
}

/** A store can say anything in its errors, and a frame goes to every viewer each second. */
const MESSAGE_CHARACTERS_MAX = 300; // chosen

interface KafkaSeen {
  readonly error: PipelineError;
  readonly sinceMs: WallMs;
}

/** A consumer reports passing trouble too: only what waits for an operator counts there. */
function kafkaState(seen: ReadonlyMap<KafkaObserver, KafkaSeen | null>): Seen | null {
  const refused = [...seen.values()].find((each) => each?.error.code === "broker_misconfigured");
  if (refused) {
    return { state: "configuration", remedy: refused.error.remedy, sinceMs: refused.sinceMs };
  }
  const topic = seen.get("topic");
  if (topic === undefined) return null;
  return { state: topic === null ? "up" : "down", remedy: null, sinceMs: topic?.sinceMs ?? null };
}

interface Seen {
  readonly state: DependencyState;
  readonly remedy: string | null;
  /** Null while it works. */
  readonly sinceMs: WallMs | null;
}
