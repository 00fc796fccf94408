/**
 * What can go wrong around the local servers. Every message names what to do,
 * because the reader is a person who has just typed a command.
 */

/** Why the stack could not be started or stopped. */
export type StackErrorCode =
  | "java_missing"
  | "java_too_old"
  | "maven_missing"
  | "download_failed"
  | "port_taken"
  | "disk_full"
  | "folder_locked"
  | "folder_foreign"
  | "folder_unreachable"
  | "platform_unsupported"
  | "command_failed"
  | "server_ended"
  | "server_not_ready"
  | "not_in_stack";

/** A failure that the person at the terminal can act on. */
export class StackError extends Error {
  override readonly name = "StackError";
  readonly code: StackErrorCode;

  constructor(code: StackErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Turns a full disk into a `StackError` that names the folder; passes everything else on. */
export function explainDiskFull(error: unknown, folder: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ENOSPC") return error;
  const message = `no space left on the disk of ${folder}: free some, or choose another folder`;
  return new StackError("disk_full", message, { cause: error });
}

/** Throws when any of the results is a failure; several become one error with all messages. */
export function throwAll(results: readonly PromiseSettledResult<unknown>[]): void {
  const errors = results.flatMap((each): unknown[] =>
    each.status === "rejected" ? [each.reason] : [],
  );
  if (errors.length === 0) return;
  const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
  // The same missing program can stop two parts, an abort stops all: reported once.
  const messages = [...new Set(errors.map(textOf))];
  if (messages.length === 1) throw errors[0];
  const first = errors.find((error) => error instanceof StackError);
  const cause = new AggregateError(errors);
  throw new StackError(first?.code ?? "server_ended", messages.join("\n"), { cause });
}
