/**
 * A failed call to the store as one of the system's codes, with what an operator has to
 * change when waiting does not help (refusals.ts).
 */
import { PipelineError } from "@tally/shared";
import { noBucket, remedyOf, type StoreAction, type StorePlace } from "./refusals.ts";
import { failureOf, type S3Failure } from "./s3_client.ts";

/** An operation, for the message and the meaning of its failure. */
export interface Call {
  readonly action: StoreAction;
  readonly what: string;
}

/**
 * @returns `archive_misconfigured` with its remedy, or `archive_unavailable` when the same call may
 * succeed later.
 */
export function storeError(
  error: unknown,
  { action, what }: Call,
  place: StorePlace,
): PipelineError {
  const failure = failureOf(error);
  const reason = reasonOf(failure);
  const remedy = remedyOf(failure, action, place);
  if (remedy === null) return unavailable({ action, what }, reason, error);
  return misconfigured({ action, what }, reason, { remedy, cause: error });
}

/** Why a call failed, plainly and once: the runtime repeats its code in its message. */
function reasonOf({ status, code, message }: S3Failure): string {
  if (status !== null) return `${status} ${code}, ${message}`;
  const words = NO_ANSWER.get(code);
  if (words !== undefined) return `${words} (${code})`;
  return message.includes(code) ? message : `${code}, ${message}`;
}

const NO_ANSWER: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "nothing answers there"],
  ["ECONNRESET", "the connection was cut"],
  ["ENOTFOUND", "there is no such host"],
  ["EAI_AGAIN", "the name server does not answer"],
  ["ETIMEDOUT", "no connection in time"],
  ["EHOSTUNREACH", "there is no way to the host"],
]);

/** For a failure that waiting can end. */
export function unavailable({ what }: Call, reason: string, cause?: unknown): PipelineError {
  return new PipelineError("archive_unavailable", `Cannot ${what}: ${reason}`, { cause });
}

/** A 404 to anything but the look at an object. */
export function bucketMissing(call: Call, place: StorePlace): PipelineError {
  return misconfigured(call, "there is no such bucket", { remedy: noBucket(place) });
}

function misconfigured(
  { what }: Call,
  reason: string,
  { remedy, cause }: { readonly remedy: string; readonly cause?: unknown },
): PipelineError {
  const message = `Cannot ${what}: ${reason}`;
  return new PipelineError("archive_misconfigured", message, { cause, remedy });
}
