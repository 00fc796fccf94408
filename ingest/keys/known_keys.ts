/**
 * The keys of one process of ingest: read from PostgreSQL while it answers, else from the file of
 * the last run, and valid for a bounded time.
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import {
  monotonicNow,
  parseDatabaseUrl,
  PipelineError,
  withinTime,
  type Config,
  type Log,
  type MonotonicMs,
  type WallClock,
} from "@tally/shared";
import type { KeySet } from "@tally/shared/keys";
import { KeyWatch } from "./key_watch.ts";
import type { KeysHealth } from "../processes/state.ts";
import { openKeyReads, type KeyPlace } from "./key_reads.ts";
import { readKeyFile, writeKeyFile, type KeyFileOptions } from "./key_file.ts";

/** The keys of this process. */
export interface KnownKeys {
  /** The keys that are valid now; null while they are not known. */
  current(): KeySet | null;
  health(): KeysHealth;
  stop(): Promise<void>;
}

export interface KnownKeysOptions {
  readonly config: Config<"keys">;
  readonly log: Log;
  readonly wallNow: WallClock;
  /** Whether this process keeps the file: of several processes one does. */
  readonly keepsFile: boolean;
}

const HOUR_MS = 3_600_000;
/** A start waits this long for PostgreSQL; afterwards it uses the file, or answers 503. */
const START_MS_MAX = 3000; // chosen: one look of 2.5 s
const STOP_MS_MAX = 1000; // chosen: as long as the connection may take to close
/** Without a change the file is written this often, so that it says how old the keys are. */
const FILE_MS_MAX = 600_000; // chosen: a sixth of the shortest bound on staleness

/**
 * Begins to know the keys; waits for the first look, but not long.
 *
 * @throws {PipelineError} `config_invalid` when the URL or a file that it names can't be used.
 */
export async function startKnownKeys(options: KnownKeysOptions): Promise<KnownKeys> {
  const { config, log, keepsFile, wallNow } = options;
  const place = placeOf(config);
  const reads = openKeyReads(place);
  const file = { path: resolve(config.keys.file), database: databaseOf(place), wallNow };
  const keep = keepsFile ? createKeeper(file, log) : undefined;
  const watch = new KeyWatch({
    reads,
    now: monotonicNow,
    staleMsMax: config.keys.staleHoursMax * HOUR_MS,
    ...(keep === undefined ? {} : { onConfirmed: keep }),
    onState: (failure) => logState(log, failure),
    onRefusing: (isRefusing) => logRefusing(log, { isRefusing, isStale: watch.isStale }),
  });
  await seed(watch, file, log);
  const stopping = new AbortController();
  const first = watch.look();
  await withinTime(first, START_MS_MAX);
  const running = first.then(() => watch.run(stopping.signal));
  return {
    current: () => watch.current,
    health: () => healthOf(watch),
    async stop() {
      stopping.abort();
      await Promise.all([reads.close(), withinTime(running, STOP_MS_MAX)]);
    },
  };
}

function placeOf({ keys, database }: KnownKeysOptions["config"]): KeyPlace {
  const { schema } = database;
  return keys.databaseUrl === null
    ? { url: database.url, option: "DATABASE_URL", schema }
    : { url: keys.databaseUrl, option: "INGEST_KEYS_DATABASE_URL", schema };
}

/** Tells databases apart, without a user or a password. */
function databaseOf({ url, schema }: KeyPlace): string {
  const target = parseDatabaseUrl(url);
  if (target.kind === "problem") throw new PipelineError("config_invalid", target.problem);
  const { hosts, database } = target.value;
  return createHash("sha256")
    .update(JSON.stringify([hosts, database, schema]))
    .digest("hex");
}

async function seed(watch: KeyWatch, file: KeyFileOptions, log: Log): Promise<void> {
  try {
    const kept = await readKeyFile(file);
    if (kept !== null) watch.seed(kept.set, kept.ageMs);
  } catch (error) {
    log.warn({ error }, "The file of keys was not used.");
  }
}

/** Writes the file when the keys have changed, and now and then. */
function createKeeper(file: KeyFileOptions, log: Log): (set: KeySet) => Promise<void> {
  let kept: KeySet | null = null;
  let keptMs: MonotonicMs = -Infinity;
  let hasFailed = false;
  return async (set) => {
    if (set === kept && monotonicNow() - keptMs < FILE_MS_MAX) return;
    try {
      await writeKeyFile(file, set);
      [kept, keptMs, hasFailed] = [set, monotonicNow(), false];
    } catch (error) {
      if (!hasFailed) {
        log.warn({ error }, "The file of keys can't be written: a start without PostgreSQL fails.");
      }
      hasFailed = true;
    }
  };
}

function logState(log: Log, failure: unknown): void {
  if (failure === null) {
    log.info({}, "Keys are read from PostgreSQL again.");
    return;
  }
  const remedy = failure instanceof PipelineError ? failure.remedy : null;
  log.warn(
    { error: failure, ...(remedy === null ? {} : { remedy }) },
    "Keys can't be read from PostgreSQL; those that are known stay valid for a time.",
  );
}

interface Refusing {
  readonly isRefusing: boolean;
  /** Whether keys are known that are too old; otherwise none are known. */
  readonly isStale: boolean;
}

function logRefusing(log: Log, { isRefusing, isStale }: Refusing): void {
  if (!isRefusing) return log.info({}, "Keys are known again: requests are answered.");
  const state = isStale
    ? "The keys that are known are older than INGEST_KEYS_STALE_HOURS_MAX"
    : "No keys are known";
  log.error({}, `${state}: every request with a key is refused until PostgreSQL answers.`);
}

function healthOf(watch: KeyWatch): KeysHealth {
  const { failure, isStale } = watch;
  const isReady = watch.current !== null;
  const remedy = failure instanceof PipelineError ? failure.remedy : null;
  if (failure === null && isReady) return { isReady, reason: null, isForOperator: false };
  const state = isReady
    ? "the keys can't be read from PostgreSQL, those that are known are used"
    : isStale
      ? "the keys can't be read from PostgreSQL, and those that are known are too old"
      : "the keys can't be read from PostgreSQL, and none are known";
  const reason = remedy === null ? state : `${state}: ${remedy}`;
  return { isReady, reason, isForOperator: remedy !== null };
}
