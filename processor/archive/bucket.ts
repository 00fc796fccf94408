/**
 * The archive's bucket, read only: what is listed and what is stored. The only
 * file of this package that imports the S3 client.
 */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { PipelineError } from "@tally/shared";

/** Where the archive is; keys as the AWS SDK finds them when none are given. */
export interface Bucket {
  readonly name: string;
  readonly endpoint: string | null;
  readonly region: string;
  readonly keyPrefix: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** An object as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** ms since 1970; infinite when the store doesn't say. */
  readonly modifiedMs: number;
}

/** An object as it is stored, compressed or not. */
export interface StoredObject {
  readonly bytes: Buffer;
  /** The digest in its metadata; null when there is none. */
  readonly digest: string | null;
}

/** A bucket that is only read. Every method throws `archive_unavailable` when it can't answer. */
export interface BucketReader {
  /** Objects whose keys begin with the prefix, at most 1,000 at a time. */
  list(prefix: string): AsyncGenerator<readonly ListedObject[]>;
  /** Null: there is no such object. */
  read(key: string): Promise<StoredObject | null>;
  close(): void;
}

/** Longest wait for one answer, ms. Chosen: an object has at most 64 MiB before compression. */
const ANSWER_MS_MAX = 60_000;
const CONNECT_MS_MAX = 5_000;

/** Opens a bucket; nothing is connected yet. */
export function openBucket(bucket: Bucket): BucketReader {
  const client = createClient(bucket);
  return {
    list: (prefix) => list(client, bucket.name, prefix),
    read: (key) => read(client, bucket.name, key),
    close: () => client.destroy(),
  };
}

function createClient({ endpoint, region, credentials }: Bucket): S3Client {
  return new S3Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials: { ...credentials } }),
    requestHandler: {
      connectionTimeout: CONNECT_MS_MAX,
      requestTimeout: ANSWER_MS_MAX,
      // Without it the SDK only warns.
      throwOnRequestTimeout: true,
    },
  });
}

async function* list(
  client: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<readonly ListedObject[]> {
  let after: string | undefined;
  do {
    const page = after === undefined ? {} : { ContinuationToken: after };
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...page });
    const answer = await client.send(command).catch((error: unknown) => {
      throw unavailable(`list "${prefix}" in bucket "${bucket}"`, error);
    });
    yield (answer.Contents ?? []).flatMap(({ Key, Size, LastModified }) =>
      Key === undefined
        ? []
        : {
            key: Key,
            bytes: Size ?? 0,
            modifiedMs: LastModified?.getTime() ?? Number.POSITIVE_INFINITY,
          },
    );
    after = answer.NextContinuationToken;
  } while (after !== undefined);
}

async function read(client: S3Client, bucket: string, key: string): Promise<StoredObject | null> {
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    return { bytes, digest: answer.Metadata?.["sha256"] ?? null };
  } catch (error) {
    // A bucket that is not there answers 404, too.
    if (error instanceof Error && error.name === "NoSuchKey") return null;
    throw unavailable(`read object "${key}"`, error);
  }
}

function unavailable(what: string, cause: unknown): PipelineError {
  const reason = cause instanceof Error ? `${cause.name}, ${cause.message}` : String(cause);
  return new PipelineError("archive_unavailable", `Cannot ${what}: ${reason}`, { cause });
}
