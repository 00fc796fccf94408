/**
 * The upload of a planned object. The key is created once; an owner that finds it
 * taken compares the stored lines with the plan's. Nothing is ever overwritten (P4).
 */
import { gunzipSync } from "node:zlib";
import { PipelineError } from "@tally/shared";
import { CONTENT_TYPES, digestOf, encodeObject } from "./lines.ts";
import type { ObjectFormat } from "./object_key.ts";
import { objectMetadata } from "./object_metadata.ts";
import type { ObjectStore } from "./object_store.ts";
import type { PlannedObject } from "./plan.ts";

/** A plan that has lines, and therefore a key. */
export interface PlannedUpload extends PlannedObject {
  readonly key: string;
}

/** The lines before compression, the topic they are from, and what ends the upload. */
export interface UploadBody {
  readonly content: Buffer;
  readonly topicId: string;
  readonly signal: AbortSignal;
}

/**
 * Stores the lines of a plan, or finds them stored.
 *
 * @throws {PipelineError} `archive_unavailable`, retryable; `archive_conflict` when the key holds
 * other lines.
 */
export async function uploadObject(
  store: ObjectStore,
  planned: PlannedUpload,
  { content, topicId, signal }: UploadBody,
): Promise<void> {
  const { key, format, sha256 } = planned;
  const body = await encodeObject(content, format);
  const contentType = CONTENT_TYPES[format];
  const metadata = objectMetadata(planned, topicId);
  const outcome = await store.create({ key, body, sha256, contentType, metadata }, signal);
  if (outcome === "created") return;
  const stored = await readStoredDigest(store, { key, format }, signal);
  if (stored === sha256) return;
  if (stored === null) {
    const message = `Cannot create object "${key}": it existed and is gone`;
    throw new PipelineError("archive_unavailable", message);
  }
  throw new PipelineError(
    "archive_conflict",
    `Cannot create object "${key}": it exists with other lines, sha256 ${stored}, wanted ${sha256}`,
  );
}

/**
 * Digest of a stored object's lines, or null when there is no such object. It is in the metadata;
 * the object is read when a copy has lost its metadata.
 */
export async function readStoredDigest(
  store: ObjectStore,
  { key, format }: { readonly key: string; readonly format: ObjectFormat },
  signal: AbortSignal,
): Promise<string | null> {
  const recorded = await store.readDigest(key, signal);
  if (recorded !== "") return recorded;
  const bytes = await store.read(key, signal);
  if (bytes === null) return null;
  return digestOf(format === "json" ? bytes : unpack(bytes));
}

/**
 * The lines of a compressed object. Returns no lines when the bytes are not gzip, so that no plan
 * matches.
 */
function unpack(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes);
  } catch {
    return new Uint8Array(0);
  }
}
