/**
 * The only place that writes to the console: one JSON line per entry, warnings
 * and errors too, so that a log collector needs one rule. Messages are
 * sentences in the past tense, with separate fields.
 */
import pino from "pino";

/** Writes entries; `fields` first, then the sentence: `log.info({ sink }, "Batch written.")`. */
export type Log = Pick<pino.Logger, "debug" | "info" | "warn" | "error">;

/**
 * A log of one service.
 *
 * @param level Lowest level that is printed.
 * @param fields What every entry holds besides the service.
 */
export function createLog(
  service: string,
  level: "debug" | "info" | "warn" | "error",
  fields: Readonly<Record<string, number>> = {},
): Log {
  return pino(
    {
      level,
      base: { service, ...fields },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.errWithCause },
    },
    pino.destination({ fd: 1, sync: true }),
  );
}

/** A log that prints nothing, for tests. */
export function silentLog(): Log {
  return pino({ level: "silent" });
}
