/**
 * What a delivery report that is an error means for the request, and its line in the log. Nothing
 * that a broker refuses is the sender's doing: every failure is a 503, which the sender repeats
 * here or at another ingest. What an operator has to change is logged, not once for each request.
 */
import {
  ERRORS,
  formatTimestamp,
  needsOperator,
  type ErrorCode,
  type Log,
  type MonotonicClock,
  type MonotonicMs,
  type PipelineError,
  type WallClock,
} from "@tally/shared";
import { isTooLarge } from "@tally/shared/kafka";

export interface DeliveryFailureOptions {
  readonly log: Pick<Log, "error" | "info">;
  readonly now: MonotonicClock;
  readonly wallNow: WallClock;
}

/** Judges failed deliveries, and remembers which of them it has logged. */
export interface DeliveryFailures {
  /** The code of the answer; logs the first failure of its kind. */
  codeOf(error: PipelineError): ErrorCode;
  /** Kafka has stored all events of a request. */
  noteStored(): void;
}

/** A kind of failure that lasts is logged again after this time. */
const REPEAT_MS = 60_000; // chosen
/** A failure is over when no broker has refused for this long; others may have stored meanwhile. */
const OVER_MS = 10_000; // chosen
/** Ingest has accepted the event: its own limit lies above that of the topic. */
const SIZE_REMEDY =
  "Raise max.message.bytes of the topic, or lower INGEST_EVENT_BYTES_MAX: the topic takes less than ingest accepts.";
const RECORD_REMEDY =
  "Look into the brokers' log: they judge a record as invalid that is valid for Kafka.";
/** Kafka refuses a whole batch for one record. This code is all that it reports of the others. */
const INVALID_RECORD = 87;
/** Reports of one batch come within this time. */
const TOGETHER_MS = 1000; // chosen

interface Kind {
  loggedAtMs: MonotonicMs;
  lastAtMs: MonotonicMs;
  /** Records since the last line. */
  records: number;
}

/** Starts without any failure. */
export function createDeliveryFailures(options: DeliveryFailureOptions): DeliveryFailures {
  const { log, now, wallNow } = options;
  /** By remedy, of which there are few. */
  const kinds = new Map<string, Kind>();
  let invalidSinceMs: MonotonicMs | null = null;

  function note(error: PipelineError, remedy: string): void {
    const atMs = now();
    const kind = kinds.get(remedy) ?? { loggedAtMs: -Infinity, lastAtMs: atMs, records: 0 };
    kinds.set(remedy, kind);
    kind.lastAtMs = atMs;
    kind.records += 1;
    if (atMs - kind.loggedAtMs < REPEAT_MS) return;

    const fields = { code: CODE, records: kind.records, clock: formatTimestamp(wallNow()), remedy };
    log.error({ ...fields, error }, "Kafka refused events; requests are answered with 503.");
    Object.assign(kind, { loggedAtMs: atMs, records: 0 });
  }
  /**
   * Whether the record was refused for another one of its batch, which was reported already or is
   * reported in a moment. Notes when the first such record came.
   */
  function isOfRefusedBatch({ cause }: PipelineError): boolean {
    if ((cause as { readonly code?: unknown } | undefined)?.code !== INVALID_RECORD) return false;
    const atMs = now();
    invalidSinceMs ??= atMs;
    const isExplained = [...kinds].some(
      ([remedy, { lastAtMs }]) => remedy !== RECORD_REMEDY && atMs - lastAtMs < OVER_MS,
    );
    return isExplained || atMs - invalidSinceMs < TOGETHER_MS;
  }
  return {
    codeOf(error) {
      if (needsOperator(error)) note(error, error.remedy ?? error.message);
      else if (ERRORS[error.code].retryable) return error.code;
      else if (isTooLarge(error)) note(error, SIZE_REMEDY);
      else if (!isOfRefusedBatch(error)) note(error, RECORD_REMEDY);
      return CODE;
    },
    noteStored() {
      invalidSinceMs = null;
      if (kinds.size === 0) return;
      const atMs = now();
      for (const [remedy, { lastAtMs }] of kinds) {
        if (atMs - lastAtMs < OVER_MS) continue;
        kinds.delete(remedy);
        log.info({ remedy }, "Kafka no longer refused events.");
      }
    },
  };
}

const CODE = "broker_misconfigured" satisfies ErrorCode;
