/**
 * What the metadata of an archive object records about it, written and read. With
 * it a database that was restored from an older dump can plan the object's range
 * again exactly as it was (unknown_objects.ts). Pure.
 */
import { PipelineError } from "@tally/shared";
import { parseObjectKey } from "./object_key.ts";
import type { PlannedObject } from "./plan.ts";
import type { S3Metadata } from "./s3_client.ts";

/** The metadata of a planned object, except the digest, which the store adds. */
export function objectMetadata(
  { nextOffset, encoder, events, bytes }: PlannedObject,
  topicId: string,
): S3Metadata {
  return {
    "topic-id": topicId,
    "last-offset": String(nextOffset - 1n),
    encoder: String(encoder),
    events: String(events),
    bytes: String(bytes),
  };
}

/** Whether the object belongs to another generation of the topic. Without an id it may not. */
export function isOfOtherTopic(metadata: S3Metadata, topicId: string): boolean {
  return metadata["topic-id"] !== undefined && metadata["topic-id"] !== topicId;
}

/**
 * The plan that an object once had, from its key and metadata.
 *
 * @throws {PipelineError} `archive_conflict` when they don't describe a whole range.
 */
export function readPlanOf(key: string, metadata: S3Metadata): PlannedObject {
  const parsed = parseObjectKey(key);
  const { encoder, events, bytes, sha256 } = metadata;
  const lastOffset = metadata["last-offset"];
  const isWhole = [lastOffset, encoder, events, bytes].every((text) => /^\d+$/.test(text ?? ""));
  if (parsed === null || lastOffset === undefined || sha256 === undefined || !isWhole) {
    throw new PipelineError(
      "archive_conflict",
      `Cannot take over object "${key}": the database does not know it, and its metadata does not say which range of which log it holds`,
    );
  }
  return {
    firstOffset: parsed.firstOffset,
    nextOffset: BigInt(lastOffset) + 1n,
    key,
    format: parsed.format,
    encoder: Number(encoder),
    events: Number(events),
    bytes: Number(bytes),
    sha256,
  };
}
