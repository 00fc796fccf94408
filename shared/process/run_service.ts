/**
 * What every service does as a process: starts, stops on a signal, and ends with an
 * exit code that shows how. A stop loses no request in flight (promise P11), so the
 * process ends only after the stop.
 */
import { PipelineError } from "../error.ts";
import { createLog } from "../log.ts";

/** A running service. */
export interface RunningService {
  readonly url: string;
  /** Ends the service within its own bounds. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Runs a service as this process; only for entry points.
 *
 * Exit code 0 after a stop by SIGTERM or SIGINT, 1 when the service could not
 * start or stop. A second signal ends the process at once.
 *
 * @param name As written in the log: `ingest`.
 */
export async function runService(
  name: string,
  start: () => Promise<RunningService>,
): Promise<void> {
  const fail = (error: unknown, sentence: string): void => {
    const log = createLog(name, "error");
    // The message of an error of the table is enough; a stack trace would only hide it.
    if (error instanceof PipelineError) log.error({ code: error.code }, error.message);
    else log.error({ error }, sentence);
    process.exit(1);
  };
  try {
    const service = await start();
    const end = (): void => {
      // From here on either signal has its default effect.
      process.off("SIGTERM", end);
      process.off("SIGINT", end);
      service.stop().then(
        () => process.exit(0),
        (error: unknown) => fail(error, "Service could not stop."),
      );
    };
    process.on("SIGTERM", end);
    process.on("SIGINT", end);
  } catch (error) {
    fail(error, "Service could not start.");
  }
}
