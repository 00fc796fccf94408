/**
 * Creates an object that never replaces another one: with `If-None-Match`, or, where a
 * store does not support that, with a look before the upload.
 */
import { sleep } from "@tally/shared";
import { isDenied, mayRefuseCondition } from "./refusals.ts";
import { failureOf, type AbortOption, type S3Metadata } from "./s3_client.ts";
import type { StoreParts } from "./store_call.ts";
import { bucketMissing, storeError, unavailable, type Call } from "./store_error.ts";

/** An object to be created. */
export interface NewObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Hex digest of the lines before compression; kept in the object's metadata. */
  readonly sha256: string;
  /** The rest of its metadata, by lower-case names; values in ASCII. */
  readonly metadata: S3Metadata;
}

/** Stores an object unless its key exists; see `ObjectStore.create`. */
export type CreateObject = (
  object: NewObject,
  signal: AbortSignal,
) => Promise<"created" | "exists">;

/**
 * Makes `create` of one bucket.
 *
 * @param readDigest Gives null when there is no such object.
 */
export function creatorOf(
  parts: StoreParts,
  readDigest: (key: string, signal: AbortSignal) => Promise<string | null>,
): CreateObject {
  const { place, log } = parts;
  // Becomes false permanently when the store takes an upload without `If-None-Match` after it
  // refused the same one with it.
  let isConditional = true;
  // A look before the upload replaces the condition. Two owners can still both pass the look; both
  // then write the same lines, because they follow the same plan.
  const putAfterLook = async (object: NewObject, signal: AbortSignal): Promise<PutOutcome> => {
    if ((await readDigest(object.key, signal)) !== null) return { kind: "exists" };
    return await put(parts, { object, onlyIfAbsent: false }, signal);
  };
  const putIfAbsent = async (object: NewObject, signal: AbortSignal): Promise<PutOutcome> => {
    const outcome = await put(parts, { object, onlyIfAbsent: true }, signal);
    if (outcome.kind !== "refused") return outcome;
    const { error } = outcome;
    if (isDenied(failureOf(error))) {
      // Some stores answer 403, not 412, to a second upload of an object under Object Lock.
      const digest = await readDigest(object.key, signal).catch(() => null);
      if (digest !== null) return { kind: "exists" };
      throw storeError(error, callOf(object), place);
    }
    const second = await putAfterLook(object, signal).catch((again: unknown) => {
      // Without the right to look, an unspecific 400 keeps its own message.
      throw failureOf(error).status === 501 ? again : storeError(error, callOf(object), place);
    });
    if (second.kind === "created") {
      isConditional = false;
      log?.warn({ bucket: place.bucket }, NO_CONDITIONS);
    }
    return second;
  };
  return async (object, signal) => {
    for (let attempt = 1; attempt <= PUT_ATTEMPTS_MAX; attempt++) {
      const { kind } = await (isConditional ? putIfAbsent : putAfterLook)(object, signal);
      if (kind === "created" || kind === "exists") return kind;
      await sleep(attempt * CONFLICT_PAUSE_MS);
    }
    throw unavailable(callOf(object), "another upload of it is in progress");
  };
}

const NO_CONDITIONS =
  "The store does not support If-None-Match: the archive looks for an object before it uploads it.";

/** A store answers 409 while another upload of the same key is in progress. */
const PUT_ATTEMPTS_MAX = 5; // chosen
const CONFLICT_PAUSE_MS = 20; // chosen

type PutOutcome =
  | { readonly kind: "created" }
  | { readonly kind: "exists" }
  | { readonly kind: "conflict" }
  /** Perhaps because of `If-None-Match`, or because the object exists and is locked. */
  | { readonly kind: "refused"; readonly error: unknown };

interface ObjectPut {
  readonly object: NewObject;
  readonly onlyIfAbsent: boolean;
}

/** One request. Answers that are no failures are outcomes. */
async function put(
  { s3, place, run }: StoreParts,
  { object, onlyIfAbsent }: ObjectPut,
  signal: AbortSignal,
): Promise<PutOutcome> {
  const { key, body, contentType, sha256 } = object;
  const metadata = { ...object.metadata, sha256 };
  const { encryption } = place;
  const send = async (options: AbortOption): Promise<PutOutcome> => {
    try {
      await s3.put({ key, body, contentType, metadata, onlyIfAbsent, encryption }, options);
      return { kind: "created" };
    } catch (error) {
      const failure = failureOf(error);
      if (failure.status === 409) return { kind: "conflict" };
      if (failure.status === 412) return { kind: "exists" };
      const mayBeOther = mayRefuseCondition(failure) || isDenied(failure);
      if (onlyIfAbsent && mayBeOther) return { kind: "refused", error };
      throw error;
    }
  };
  const outcome = await run(callOf(object), send, signal);
  if (outcome === null) throw bucketMissing(callOf(object), place);
  return outcome;
}

const callOf = ({ key }: NewObject): Call => ({ action: "put", what: `create object "${key}"` });
