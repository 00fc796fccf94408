/**
 * A failed call to the store as one of the system's codes, with what an operator has to
 * change when waiting does not help (refusals.ts).
 */
import { PipelineError } from "@tally/shared";
import { noBucket, remedyOf, type StoreAction, type StorePlace } from "./refusals.ts";
import { failureOf } from "./s3_client.ts";

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
  const { status, code, message } = failure;
  const reason = `${status === null ? "" : `${status} `}${code}, ${message}`;
  const remedy = remedyOf(failure, action, place);
  if (remedy === null) return unavailable({ action, what }, reason, error);
  return misconfigured({ action, what }, reason, { remedy, cause: error });
}

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
