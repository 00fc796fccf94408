/**
 * The archive's bucket for commands that only read it (`audit`, `load`, `verify`):
 * they list and read objects. The archive itself uses object_store.ts.
 */
import type { StorePlace } from "./refusals.ts";
import { openS3, type ListedObject, type S3, type S3Bucket } from "./s3_client.ts";
import { storeError } from "./store_error.ts";

/** The bucket, and the folders in it that belong to the archive. */
export interface Bucket extends S3Bucket {
  readonly keyPrefix: string;
}

/** An object as it is stored, compressed or not. */
export interface StoredObject {
  readonly bytes: Buffer;
  /** The digest in its metadata, or null when there is none. */
  readonly digest: string | null;
}

/**
 * A bucket that is only read. Every method throws `archive_unavailable` when it gets no answer, and
 * `archive_misconfigured`, with a remedy, when the store refuses.
 */
export interface BucketReader {
  /** Objects whose keys begin with the prefix, up to 1,000 at a time. */
  list(prefix: string): AsyncGenerator<readonly ListedObject[]>;
  /** The object, or null when there is none. */
  read(key: string): Promise<StoredObject | null>;
  close(): void;
}

/** Longest wait for one response, ms; an object has up to 64 MiB before compression. // chosen */
const ANSWER_MS_MAX = 60_000;
const CONNECT_MS_MAX = 5_000;

/** Opens a bucket; nothing is connected yet. */
export function openBucket(bucket: Bucket): BucketReader {
  const s3 = openS3(bucket, {
    requestHandler: {
      connectionTimeout: CONNECT_MS_MAX,
      requestTimeout: ANSWER_MS_MAX,
      // Without it the SDK only warns.
      throwOnRequestTimeout: true,
      ...(bucket.ca === undefined ? {} : { httpsAgent: { ca: bucket.ca } }),
    },
  });
  const { name, region, endpoint, keyPrefix } = bucket;
  const place = { bucket: name, region, endpoint, keyPrefix, encryption: null };
  return {
    list: (prefix) => list(s3, place, prefix),
    read: (key) => read(s3, place, key),
    close: () => s3.close(),
  };
}

async function* list(
  s3: S3,
  place: StorePlace,
  prefix: string,
): AsyncGenerator<readonly ListedObject[]> {
  let token: string | undefined;
  do {
    const page = await s3.list({ prefix, token }).catch((error: unknown) => {
      const what = `list "${prefix}" in bucket "${place.bucket}"`;
      throw storeError(error, { action: "list", what }, place);
    });
    yield page.objects;
    token = page.nextToken;
  } while (token !== undefined);
}

async function read(s3: S3, place: StorePlace, key: string): Promise<StoredObject | null> {
  try {
    const { bytes, metadata } = await s3.get(key);
    return { bytes: Buffer.from(bytes ?? []), digest: metadata["sha256"] ?? null };
  } catch (error) {
    // A missing bucket is answered with 404, too, but under another name.
    if (error instanceof Error && error.name === "NoSuchKey") return null;
    throw storeError(error, { action: "get", what: `read object "${key}"` }, place);
  }
}
