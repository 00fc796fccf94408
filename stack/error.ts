/**
 * What can go wrong around the local servers. Every message says what to do,
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
  | "folder_unreachable"
  | "platform_unsupported"
  | "command_failed"
  | "server_ended"
  | "server_not_ready"
  | "compiler_missing"
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
