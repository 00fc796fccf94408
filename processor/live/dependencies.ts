/**
 * The dependencies as a frame shows them: what the pipelines observed, combined with what the
 * frame's own reads found, since when, why, and the last outage that is over.
 */
import {
  formatTimestamp,
  type DependencyFrame,
  type MetricsFrame,
  type WallClock,
  type WallMs,
} from "@tally/shared";
import type { DependencyState, LastError } from "./dependency_states.ts";
import type { SingleFlight } from "./single_flight.ts";

/** What the processor depends on. */
export type Dependency = keyof MetricsFrame["dependencies"];

/** What is observed besides the reads of the frame; see `SeenStates`. */
export interface Observed {
  /** States that the pipelines observe. */
  readonly states: () => Partial<Record<Dependency, DependencyState>>;
  /** When the first request began that failed, for each dependency that does not work. */
  readonly troubles?: () => Partial<Record<Dependency, WallMs>>;
  /** What an operator has to change in a dependency whose state is `configuration`. */
  readonly remedies?: () => Partial<Record<Dependency, string>>;
  /** The last error that blamed each dependency. */
  readonly errors?: () => Partial<Record<Dependency, LastError>>;
}

export interface DependenciesOptions extends Observed {
  readonly wallNow: WallClock;
  readonly archiveEnabled: boolean;
  readonly reads: Readonly<
    Record<"kafka" | "postgres", Pick<SingleFlight<unknown>, "state" | "trouble">>
  >;
}

/** Makes what reads the dependencies. It remembers since when each is in its state. */
export function createDependencies(
  options: DependenciesOptions,
): () => MetricsFrame["dependencies"] {
  const { reads, archiveEnabled, wallNow } = options;
  const known = new Map<Dependency, Known>();
  return () => {
    const observed = options.states();
    const show = (name: Dependency, state: DependencyState): DependencyFrame => {
      const read = name === "s3" ? null : reads[name].trouble();
      const sinceMs = earliest(options.troubles?.()[name], read?.sinceMs);
      const lastError = latest(options.errors?.()[name], read?.lastError, known.get(name)?.error);
      const now = nextKnown(known.get(name), { state, sinceMs, lastError, nowMs: wallNow() });
      known.set(name, now);
      const remedy = state === "configuration" ? options.remedies?.()[name] : undefined;
      return {
        state,
        since: formatTimestamp(now.sinceMs),
        ...(remedy === undefined ? {} : { remedy }),
        ...(lastError === undefined ? {} : { lastError }),
        ...(now.lastOutage === undefined ? {} : { lastOutage: now.lastOutage }),
      };
    };
    return {
      kafka: show("kafka", worst(observed.kafka, reads.kafka.state())),
      postgres: show("postgres", worst(observed.postgres, reads.postgres.state())),
      s3: show("s3", archiveEnabled ? (observed.s3 ?? "unknown") : "off"),
    };
  };
}

/**
 * Two sources observe one dependency: it is down when either of them has seen it fail, and waits
 * for an operator when that is known.
 */
function worst(observed: DependencyState | undefined, read: DependencyState): DependencyState {
  if (observed === "configuration") return observed;
  if (observed === "down" || read === "down") return "down";
  return read === "unknown" ? (observed ?? "unknown") : read;
}

interface Known {
  readonly state: DependencyState;
  readonly sinceMs: WallMs;
  /** The last error of the reads; they forget it when they succeed. */
  readonly error: LastError | undefined;
  /** When it stopped to work, while it does not. */
  readonly outageFromMs: WallMs | null;
  readonly lastOutage: DependencyFrame["lastOutage"] | undefined;
}

interface Seen {
  readonly state: DependencyState;
  /** When the first request began that failed, if any did. */
  readonly sinceMs: WallMs | undefined;
  readonly lastError: LastError | undefined;
  readonly nowMs: WallMs;
}

function nextKnown(before: Known | undefined, seen: Seen): Known {
  const { state, lastError: error, nowMs } = seen;
  if (before?.state === state) return { ...before, error };
  const isWorking = state === "up" || state === "off";
  // A trouble begins with its first request, and is noticed later; never before the last change.
  const beganMs = Math.min(nowMs, Math.max(seen.sinceMs ?? nowMs, before?.sinceMs ?? 0));
  const sinceMs = isWorking ? nowMs : beganMs;
  const fromMs = before?.outageFromMs ?? null;
  if (isWorking) {
    const lastOutage = fromMs === null ? before?.lastOutage : outage(fromMs, seen);
    return { state, sinceMs, error, outageFromMs: null, lastOutage };
  }
  const outageFromMs = fromMs ?? (state === "unknown" ? null : sinceMs);
  return { state, sinceMs, error, outageFromMs, lastOutage: before?.lastOutage };
}

/** An outage that has just ended. */
function outage(
  fromMs: WallMs,
  { lastError, nowMs }: Seen,
): NonNullable<DependencyFrame["lastOutage"]> {
  const isOfOutage = lastError !== undefined && Date.parse(lastError.at) >= fromMs;
  const { code, message } = isOfOutage ? lastError : {};
  return {
    from: formatTimestamp(fromMs),
    to: formatTimestamp(nowMs),
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
  };
}

function earliest(...times: readonly (WallMs | undefined)[]): WallMs | undefined {
  const found = times.filter((time) => time !== undefined);
  return found.length === 0 ? undefined : Math.min(...found);
}

/** The error that was seen last; of two at one moment the first. */
function latest(...errors: readonly (LastError | undefined)[]): LastError | undefined {
  let last: LastError | undefined;
  for (const error of errors) {
    if (error !== undefined && (last === undefined || error.at > last.at)) last = error;
  }
  return last;
}
