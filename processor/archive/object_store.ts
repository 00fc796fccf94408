/**
 * The archive's store: the only file that imports the S3 client. Creates objects
 * that are never overwritten, and translates what goes wrong into the system's
 * codes.
 */
import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type ListObjectsV2CommandInput,
} from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { PipelineError, type Config } from "@tally/shared";

/** An object to be created. */
export interface NewObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Hex digest of the lines before compression; kept in the object's metadata. */
  readonly sha256: string;
  /** The rest of its metadata, by lower-case names; values in ASCII. */
  readonly origin: Readonly<Record<string, string>>;
}

/** Which keys to list. */
export interface KeyRange {
  readonly prefix: string;
  readonly after: string;
}

/** A bucket; each call is one object or none, and never a part of one. */
export interface ObjectStore {
  /**
   * Stores an object unless there is one of this key. Resolved with "created" means durable and
   * whole.
   *
   * @param signal Aborts the upload; the object is then absent or whole.
   * @throws {PipelineError} `archive_unavailable`, retryable: it may or may not have been stored.
   */
  create(object: NewObject, signal: AbortSignal): Promise<"created" | "exists">;
  /**
   * The digest in an object's metadata; "" when it has none, null when there is no such object.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  readDigest(key: string, signal: AbortSignal): Promise<string | null>;
  /**
   * An object's metadata; null when there is no such object.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  readMetadata(key: string, signal: AbortSignal): Promise<Readonly<Record<string, string>> | null>;
  /**
   * Keys that begin with `prefix` and come behind `after`, in order; also what a store shows of
   * uploads in progress.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  list(range: KeyRange, signal: AbortSignal): Promise<string[]>;
  /**
   * The bytes of an object as they are stored; null when there is none.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  read(key: string, signal: AbortSignal): Promise<Uint8Array | null>;
  /**
   * Resolved when the bucket answers within 2 s and lets us in.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  reach(signal: AbortSignal): Promise<void>;
  /** The caller asks nothing any more; idle connections end by themselves. */
  close(): void;
}

/** What a store can be given besides the options. */
export interface ObjectStoreOptions {
  /** Instead of the SDK's own chain (environment, profile, instance role). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/**
 * Opens the bucket of the archive. Nothing is connected yet: a store that is away is no error here.
 */
export function createArchiveStore(
  { archive }: Pick<Config<"processor">, "archive">,
  options: ObjectStoreOptions = {},
): ObjectStore {
  const client = createClient(archive, options);
  const { bucket, putTimeoutMs } = archive;
  const run = runnerOf(putTimeoutMs);
  const reaching = runnerOf(REACH_MS_MAX);
  // Becomes false for good when the store answers 501: it does not know `If-None-Match`.
  let conditional = true;

  const readMetadata: ObjectStore["readMetadata"] = async (key, signal) => {
    const input = { Bucket: bucket, Key: key };
    const head = (options: AbortOption) => client.send(new HeadObjectCommand(input), options);
    const answer = await run(`look at object "${key}"`, head, signal);
    return answer === null ? null : (answer.Metadata ?? {});
  };

  const readDigest: ObjectStore["readDigest"] = async (key, signal) => {
    const metadata = await readMetadata(key, signal);
    return metadata === null ? null : (metadata["sha256"] ?? "");
  };

  const create: ObjectStore["create"] = async (object, signal) => {
    const what = `create object "${object.key}"`;
    for (let attempt = 1; attempt <= PUT_ATTEMPTS_MAX; attempt++) {
      // Without the condition a look before the upload stands in for it. Two owners can still pass
      // it at once; both then write the same lines, as their plan is one.
      if (!conditional && (await readDigest(object.key, signal)) !== null) return "exists";
      const put = (options: AbortOption) =>
        putObject(client, { bucket, object, conditional }, options);
      const outcome = await run(what, put, signal);
      if (outcome === "created" || outcome === "exists") return outcome;
      if (outcome === null) throw unavailable(`${what}: no bucket "${bucket}"`);
      if (outcome === "unconditional") conditional = false;
      else await Bun.sleep(attempt * CONFLICT_PAUSE_MS);
    }
    throw unavailable(`${what}: another upload of it is in progress`);
  };

  const read: ObjectStore["read"] = async (key, signal) => {
    const get = async (options: AbortOption) => {
      const input = { Bucket: bucket, Key: key };
      const { Body } = await client.send(new GetObjectCommand(input), options);
      return Body === undefined ? null : await Body.transformToByteArray();
    };
    return await run(`read object "${key}"`, get, signal);
  };

  const reach: ObjectStore["reach"] = async (signal) => {
    const head = (options: AbortOption) =>
      client.send(new HeadBucketCommand({ Bucket: bucket }), options);
    const answer = await reaching(`reach bucket "${bucket}"`, head, signal);
    if (answer === null) throw unavailable(`reach bucket "${bucket}": there is none`);
  };

  const close = (): void => client.destroy();
  const list = listOf(client, bucket, run);
  return { create, readDigest, readMetadata, list, read, reach, close };
}

function listOf(client: S3Client, bucket: string, run: Run): ObjectStore["list"] {
  return async ({ prefix, after }, signal) => {
    const keys: string[] = [];
    let from: { StartAfter: string } | { ContinuationToken: string } = { StartAfter: after };
    for (let page = 0; page < LIST_PAGES_MAX; page++) {
      const input: ListObjectsV2CommandInput = { Bucket: bucket, Prefix: prefix, ...from };
      const read = (options: AbortOption) => client.send(new ListObjectsV2Command(input), options);
      const answer = await run(`list objects behind "${after}"`, read, signal);
      if (answer === null) throw unavailable(`list objects: no bucket "${bucket}"`);
      keys.push(...(answer.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      if (answer.NextContinuationToken === undefined) break;
      from = { ContinuationToken: answer.NextContinuationToken };
    }
    return keys;
  };
}

/** A store that answers 409 has another upload of this key in progress; chosen. */
const PUT_ATTEMPTS_MAX = 5;
const CONFLICT_PAUSE_MS = 20;
/** A million keys; who needs to know more finds the first of them first. Chosen. */
const LIST_PAGES_MAX = 1_000;
const REACH_MS_MAX = 2_000;
/** One repeat covers a 5xx and a broken connection; the pipeline does the rest. */
const SDK_ATTEMPTS_MAX = 2;

/** Answers to a PUT that are no errors. */
const PUT_OUTCOMES: ReadonlyMap<number, "exists" | "conflict" | "unconditional"> = new Map([
  [409, "conflict"],
  [412, "exists"],
  [501, "unconditional"],
]);

interface AbortOption {
  readonly abortSignal: AbortSignal;
}

type Operation<T> = (options: AbortOption) => Promise<T>;

type Run = ReturnType<typeof runnerOf>;

/** Runs one operation under a deadline; null when the store says that there is no such object. */
function runnerOf(deadlineMs: number) {
  return async <T>(what: string, operation: Operation<T>, signal: AbortSignal) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      return await operation({ abortSignal: AbortSignal.any([signal, deadline]) });
    } catch (error) {
      if (httpStatusOf(error) === 404) return null;
      const reason = deadline.aborted ? `no answer within ${deadlineMs} ms` : describe(error);
      throw unavailable(`${what}: ${reason}`, error);
    }
  };
}

interface PutRequest {
  readonly bucket: string;
  readonly object: NewObject;
  readonly conditional: boolean;
}

async function putObject(
  client: S3Client,
  { bucket, object, conditional }: PutRequest,
  options: AbortOption,
) {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: object.key,
    Body: object.body,
    ContentLength: object.body.byteLength,
    ContentType: object.contentType,
    Metadata: { ...object.origin, sha256: object.sha256 },
    ...(conditional ? { IfNoneMatch: "*" } : {}),
  });
  try {
    await client.send(command, options);
    return "created";
  } catch (error) {
    const outcome = PUT_OUTCOMES.get(httpStatusOf(error) ?? 0);
    if (outcome === undefined) throw error;
    return outcome;
  }
}

function createClient(
  archive: Config<"processor">["archive"],
  { credentials }: ObjectStoreOptions,
): S3Client {
  return new S3Client({
    region: archive.region,
    ...(archive.endpoint === null ? {} : { endpoint: archive.endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    maxAttempts: SDK_ATTEMPTS_MAX,
    // A body's digest is part of the signature already; other stores than AWS trip over the
    // trailers.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // The SDK's own handler over `fetch`, which is native here: a tenth more events a second into
    // rows and archive than by `node:http`. Each operation has a deadline of its own (`runnerOf`).
    requestHandler: new FetchHttpHandler({ keepAlive: true, customFetch: fetchAsIs }),
  });
}

/**
 * `fetch` that does nothing by itself. Whoever a redirect leads to (a login page) is not the store,
 * and its 200 stores nothing; an object with a content encoding is read as it is stored.
 */
const fetchAsIs: typeof fetch = Object.assign(
  (...[request, init]: Parameters<typeof fetch>) =>
    fetch(request, { ...init, redirect: "manual", decompress: false }),
  { preconnect: fetch.preconnect },
);

function unavailable(what: string, cause?: unknown): PipelineError {
  return new PipelineError("archive_unavailable", `Cannot ${what}`, { cause });
}

/** Status of the answer that the SDK made an error of; null when there was no answer. */
function httpStatusOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return null;
  const metadata = error.$metadata as { readonly httpStatusCode?: number } | undefined;
  return metadata?.httpStatusCode ?? null;
}

function describe(error: unknown): string {
  const status = httpStatusOf(error);
  const text = error instanceof Error ? `${error.name}, ${error.message}` : String(error);
  return status === null ? text : `${status} ${text}`;
}
