/**
 * The S3 client and its configuration: the only file that imports the AWS SDK. A
 * request here is one command of the SDK. Deadlines, repeats and the meaning of an
 * error belong to the callers: object_store.ts writes, bucket.ts reads, and
 * refusals.ts says what an error means.
 */
import { readFileSync } from "node:fs";
import { PipelineError, type Config } from "@tally/shared";
import {
  GetObjectCommand,
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
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Only of a key that is temporary. */
  readonly sessionToken?: string;
}

/** The keys of the options; none when the SDK should look in its own places. */
export function credentialsOf({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: Config<"processor">["archive"]): { readonly credentials?: S3Credentials } {
  if (accessKeyId === null || secretAccessKey === null) return {};
  const token = sessionToken === null ? {} : { sessionToken };
  return { credentials: { accessKeyId, secretAccessKey, ...token } };
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
  /** Most keys of the page; the store's own bound (1,000) when absent. */
  readonly keysMax?: number;
}

export interface PutRequest {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether the store must refuse (412) when the key exists. */
  readonly onlyIfAbsent: boolean;
  /** Null leaves encryption to the bucket. */
  readonly encryption: S3Encryption | null;
}

/** What the headers `x-amz-server-side-encryption*` say. */
export interface S3Encryption {
  readonly algorithm: "AES256" | "aws:kms" | "aws:kms:dsse";
  readonly kmsKeyId: string | null;
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
    async put({ key, body, contentType, metadata, onlyIfAbsent, encryption }, options) {
      const command = new PutObjectCommand({
        Bucket,
        Key: key,
        Body: body,
        ContentLength: body.byteLength,
        ContentType: contentType,
        // Buckets with Object Lock demand a checksum; every store knows this one. About 0.5 ms.
        ContentMD5: new Bun.CryptoHasher("md5").update(body).digest("base64"),
        Metadata: { ...metadata },
        ...(onlyIfAbsent ? { IfNoneMatch: "*" } : {}),
        ...(encryption === null ? {} : encryptionFields(encryption)),
      });
      const { ETag } = await client.send(command, options);
      // Every store sends it. A login page's 200 has none, and has stored nothing.
      if (ETag === undefined) throw new Error("the answer has no ETag, so it is not a store's");
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
    async list({ prefix, after, token, keysMax }, options) {
      const from = token === undefined ? { StartAfter: after } : { ContinuationToken: token };
      const request = { Bucket, Prefix: prefix, MaxKeys: keysMax, ...from };
      const command = new ListObjectsV2Command(request);
      const { Contents = [], NextContinuationToken } = await client.send(command, options);
      return { objects: Contents.flatMap(listedObject), nextToken: NextContinuationToken };
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

function encryptionFields({ algorithm, kmsKeyId }: S3Encryption) {
  const key = kmsKeyId === null ? {} : { SSEKMSKeyId: kmsKeyId };
  return { ServerSideEncryption: algorithm, ...key };
}

function listedObject({ Key, Size, LastModified }: StoredEntry): ListedObject[] {
  if (Key === undefined) return [];
  const modifiedMs = LastModified?.getTime() ?? Number.POSITIVE_INFINITY;
  return [{ key: Key, bytes: Size ?? 0, modifiedMs }];
}

/**
 * The SDK's own handler over `fetch`, which is native here: a tenth more events per second into
 * rows and archive than with `node:http` (measured). It has no deadline: callers abort.
 *
 * @param ca PEM of the authorities to trust instead of the system's.
 */
export function fetchHandler(ca?: string): FetchHttpHandler {
  const tls = ca === undefined ? {} : { tls: { ca } };
  return new FetchHttpHandler({ keepAlive: true, customFetch: fetchAsIs(tls) });
}

/**
 * `fetch` without automatic steps. A redirect leads to something that is not the store (a login
 * page), and its 200 stores nothing; an object with a content encoding is read as it is stored.
 */
const fetchAsIs = (tls: Pick<BunFetchRequestInit, "tls">): typeof fetch =>
  Object.assign(
    (...[request, init]: Parameters<typeof fetch>) =>
      fetch(request, { ...init, ...tls, redirect: "manual", decompress: false }),
    { preconnect: fetch.preconnect },
  );

/**
 * Reads the file that `AWS_CA_BUNDLE` names.
 *
 * @throws {PipelineError} `config_invalid` when it holds no certificate.
 */
export function readCaBundle(file: string | null): string | undefined {
  if (file === null) return undefined;
  const refuse = (reason: string, cause?: unknown) =>
    new PipelineError("config_invalid", `Cannot use AWS_CA_BUNDLE="${file}": ${reason}`, { cause });
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (error) {
    throw refuse("the file can't be read", error);
  }
  if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw refuse("it holds no PEM certificate");
  return pem;
}

/** A failed call, in the store's own words. */
export interface S3Failure {
  /** HTTP status, or null when there was no answer. */
  readonly status: number | null;
  /** The store's code, `NoSuchKey` for example; without an answer, that of the connection. */
  readonly code: string;
  readonly message: string;
  /** Where the store says that the bucket is, or null when it does not say. */
  readonly bucketRegion: string | null;
  /** Where the answer redirects to. */
  readonly location: string | null;
}

/** The parts of the SDK's errors that are read here. */
interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly Region?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** Reads what a call rejected with. */
export function failureOf(error: unknown): S3Failure {
  const sdk: SdkError = typeof error === "object" && error !== null ? error : {};
  const headers = sdk.$response?.headers ?? {};
  const status = sdk.$metadata?.httpStatusCode ?? null;
  return {
    status,
    code: (status === null ? sdk.code : undefined) ?? sdk.name ?? "Unknown",
    message: sdk.message ?? String(error),
    bucketRegion: headers["x-amz-bucket-region"] ?? sdk.Region ?? null,
    location: headers["location"] ?? null,
  };
}
