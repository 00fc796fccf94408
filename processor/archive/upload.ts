/**
 * The upload of a planned object: it is created once, and whoever finds it
 * there compares its lines with the plan's. Nothing is ever overwritten (P4).
 */
import { gunzipSync } from "node:zlib";
import { PipelineError } from "@tally/shared";
import { CONTENT_TYPES, digestOf, encodeObject } from "./lines.ts";
import type { ObjectFormat } from "./object_key.ts";
import type { PlannedObject } from "./plan.ts";
import { originOf } from "./unknown_objects.ts";
import type { ObjectStore } from "./object_store.ts";

/** A plan that has lines, so it has a key. */
export interface PlannedUpload extends PlannedObject {
  readonly key: string;
}

/** The lines before compression, the log they are from, and what ends the upload. */
export interface UploadBody {
  readonly content: Buffer;
  readonly topicId: string;
  readonly signal: AbortSignal;
}

/**
 * Stores the lines of a plan, or finds them stored.
 *
 * @throws {PipelineError} `archive_unavailable`, retryable; `archive_conflict`: the key holds other
 * lines.
 */
export async function uploadObject(
  store: ObjectStore,
  planned: PlannedUpload,
  { content, topicId, signal }: UploadBody,
): Promise<void> {
  const { key, format, sha256 } = planned;
  const body = await encodeObject(content, format);
  const contentType = CONTENT_TYPES[format];
  const outcome = await store.create(
    { key, body, sha256, contentType, origin: originOf(planned, topicId) },
    signal,
  );
  if (outcome === "created") return;
  const stored = await storedDigest(store, { key, format }, signal);
  if (stored === sha256) return;
  if (stored === null) {
    const message = `Cannot create object "${key}": it was there and is gone`;
    throw new PipelineError("archive_unavailable", message);
  }
  throw new PipelineError(
    "archive_conflict",
    `Cannot create object "${key}": there is one with other lines, sha256 ${stored}, wanted ${sha256}`,
  );
}

/**
 * Digest of a stored object's lines: from its metadata or, when a copy has lost that, by reading
 * it; null when there is no such object.
 */
export async function storedDigest(
  store: ObjectStore,
  { key, format }: { readonly key: string; readonly format: ObjectFormat },
  signal: AbortSignal,
): Promise<string | null> {
  const kept = await store.readDigest(key, signal);
  if (kept !== "") return kept;
  const bytes = await store.read(key, signal);
  if (bytes === null) return null;
  return digestOf(format === "json" ? bytes : unpack(bytes));
}

/** The lines of a compressed object; what is none has no lines that could be equal to ours. */
function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch {
    return new Uint8Array(0);
  }
}
