/**
 * The S3 client and its configuration: the only file that imports the AWS SDK. A
 * request here is one command of the SDK. Deadlines, repeats and the meaning of an
 * error belong to the callers: object_store.ts writes, bucket.ts reads.
 */
import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  type _Object as StoredEntry,
} from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";

/** A bucket, where it is, and with which keys it is reached. */
export interface S3Bucket {
  readonly name: string;
  readonly region: string;
  /** Null for AWS itself. */
  readonly endpoint: string | null;
  /** When absent, the SDK looks in its own places (environment, profile, instance role). */
  readonly credentials?: S3Credentials;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What the two users of the client configure differently. */
export type S3Behaviour = Pick<
  S3ClientConfig,
  "maxAttempts" | "requestChecksumCalculation" | "responseChecksumValidation" | "requestHandler"
>;

/** An object as a listing shows it. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  /** ms since 1970; infinite when the store doesn't report it. */
  readonly modifiedMs: number;
}

/** Up to 1,000 objects, and where the next page begins. */
export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** Absent on the last page. */
  readonly nextToken: string | undefined;
}

/** A page of the keys that begin with `prefix`. */
export interface ListRequest {
  readonly prefix: string;
  /** Keys up to and including this one are left out. */
  readonly after?: string | undefined;
  /** The `nextToken` of the previous page; then `after` has no effect. */
  readonly token?: string | undefined;
}

export interface PutRequest {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether the store must refuse (412) when the key exists. */
  readonly onlyIfAbsent: boolean;
}

/** Metadata of an object, by lower-case names. */
export type S3Metadata = Readonly<Record<string, string>>;

/** One bucket. Every call rejects with the SDK's error when the store does not do it. */
export interface S3 {
  put(request: PutRequest, options?: AbortOption): Promise<void>;
  /** `bytes` is null when the answer has no body. */
  get(
    key: string,
    options?: AbortOption,
  ): Promise<{ readonly bytes: Uint8Array | null; readonly metadata: S3Metadata }>;
  head(key: string, options?: AbortOption): Promise<S3Metadata>;
  list(request: ListRequest, options?: AbortOption): Promise<ListPage>;
  /** Resolves when the bucket exists and the caller may use it. */
  headBucket(options?: AbortOption): Promise<void>;
  /** The caller sends no further request; idle connections end by themselves. */
  close(): void;
}

export interface AbortOption {
  readonly abortSignal?: AbortSignal;
}

/** Opens a bucket; nothing is connected yet. */
export function openS3(bucket: S3Bucket, behaviour: S3Behaviour): S3 {
  const client = createClient(bucket, behaviour);
  const Bucket = bucket.name;
  return {
    async put({ key, body, contentType, metadata, onlyIfAbsent }, options) {
      const command = new PutObjectCommand({
        Bucket,
        Key: key,
        Body: body,
        ContentLength: body.byteLength,
        ContentType: contentType,
        Metadata: { ...metadata },
        ...(onlyIfAbsent ? { IfNoneMatch: "*" } : {}),
      });
      await client.send(command, options);
    },
    async get(key, options) {
      const command = new GetObjectCommand({ Bucket, Key: key });
      const { Body, Metadata = {} } = await client.send(command, options);
      return { bytes: (await Body?.transformToByteArray()) ?? null, metadata: Metadata };
    },
    async head(key, options) {
      const command = new HeadObjectCommand({ Bucket, Key: key });
      return (await client.send(command, options)).Metadata ?? {};
    },
    async list({ prefix, after, token }, options) {
      const from = token === undefined ? { StartAfter: after } : { ContinuationToken: token };
      const command = new ListObjectsV2Command({ Bucket, Prefix: prefix, ...from });
      const { Contents = [], NextContinuationToken } = await client.send(command, options);
      return { objects: Contents.flatMap(listedObject), nextToken: NextContinuationToken };
    },
    async headBucket(options) {
      await client.send(new HeadBucketCommand({ Bucket }), options);
    },
    close: () => client.destroy(),
  };
}

function createClient({ region, endpoint, credentials }: S3Bucket, behaviour: S3Behaviour) {
  return new S3Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials: { ...credentials } }),
    ...behaviour,
  });
}

function listedObject({ Key, Size, LastModified }: StoredEntry): ListedObject[] {
  if (Key === undefined) return [];
  const modifiedMs = LastModified?.getTime() ?? Number.POSITIVE_INFINITY;
  return [{ key: Key, bytes: Size ?? 0, modifiedMs }];
}

/**
 * The SDK's own handler over `fetch`, which is native here: a tenth more events per second into
 * rows and archive than with `node:http` (measured). It has no deadline: callers abort.
 */
export function fetchHandler(): FetchHttpHandler {
  return new FetchHttpHandler({ keepAlive: true, customFetch: fetchAsIs });
}

/**
 * `fetch` without automatic steps. A redirect leads to something that is not the store (a login
 * page), and its 200 stores nothing; an object with a content encoding is read as it is stored.
 */
const fetchAsIs: typeof fetch = Object.assign(
  (...[request, init]: Parameters<typeof fetch>) =>
    fetch(request, { ...init, redirect: "manual", decompress: false }),
  { preconnect: fetch.preconnect },
);

/** HTTP status of the response that the SDK turned into an error, or null when there was none. */
export function httpStatusOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return null;
  const metadata = error.$metadata as { readonly httpStatusCode?: number } | undefined;
  return metadata?.httpStatusCode ?? null;
}
