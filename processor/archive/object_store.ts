/**
 * The bucket as the archive sink uses it: creates objects that are never
 * overwritten, and translates every failure into one of the system's codes.
 */
import { PipelineError, sleep, type Config } from "@tally/shared";
import {
  fetchHandler,
  httpStatusOf,
  openS3,
  type ListRequest,
  type S3,
  type S3Credentials,
  type S3Metadata,
} from "./s3_client.ts";

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

/** A bucket; each call stores or reads one whole object, never a part of one. */
export interface ObjectStore {
  /**
   * Stores an object unless its key exists. Resolved with "created" means durable and whole.
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
   * An object's metadata, or null when there is no such object.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  readMetadata(key: string, signal: AbortSignal): Promise<S3Metadata | null>;
  /**
   * Keys that begin with `prefix` and sort after `after`, in order. Some stores also list uploads
   * in progress.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  list(range: KeyRange, signal: AbortSignal): Promise<string[]>;
  /**
   * The bytes of an object as they are stored, or null when there is none.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  read(key: string, signal: AbortSignal): Promise<Uint8Array | null>;
  /**
   * Resolves when the bucket answers within 2 s and lets this process in.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  reach(signal: AbortSignal): Promise<void>;
  /** The caller sends no further request; idle connections end by themselves. */
  close(): void;
}

/** Which keys to list. */
export interface KeyRange {
  readonly prefix: string;
  readonly after: string;
}

/** What a store can be given besides its configuration. */
export interface ObjectStoreOptions {
  /** Used instead of those that the SDK finds (environment, profile, instance role). */
  readonly credentials?: S3Credentials;
}

/**
 * Opens the bucket of the archive. Nothing is connected yet, so an unreachable store is no error
 * here.
 */
export function createArchiveStore(
  { archive }: Pick<Config<"processor">, "archive">,
  { credentials }: ObjectStoreOptions = {},
): ObjectStore {
  const { bucket: name, region, endpoint, putTimeoutMs } = archive;
  const place = { name, region, endpoint, ...(credentials === undefined ? {} : { credentials }) };
  const s3 = openS3(place, {
    maxAttempts: SDK_ATTEMPTS_MAX,
    // The signature covers a body's digest already, and stores other than AWS reject the trailers.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: fetchHandler(),
  });
  const run = runnerOf(putTimeoutMs);
  const runReach = runnerOf(REACH_MS_MAX);

  const readMetadata: ObjectStore["readMetadata"] = (key, signal) =>
    run(`look at object "${key}"`, (options) => s3.head(key, options), signal);

  const readDigest: ObjectStore["readDigest"] = async (key, signal) => {
    const metadata = await readMetadata(key, signal);
    return metadata === null ? null : (metadata["sha256"] ?? "");
  };

  const read: ObjectStore["read"] = async (key, signal) => {
    const object = await run(`read object "${key}"`, (options) => s3.get(key, options), signal);
    return object?.bytes ?? null;
  };

  const reach: ObjectStore["reach"] = async (signal) => {
    const what = `reach bucket "${name}"`;
    const head = async (options: AbortOption) => {
      await s3.headBucket(options);
      return "reached";
    };
    if ((await runReach(what, head, signal)) === null) throw unavailable(`${what}: there is none`);
  };

  const parts = { s3, bucket: name, run };
  const create = creatorOf(parts, readDigest);
  const list = listerOf(parts);
  return { create, readDigest, readMetadata, list, read, reach, close: () => s3.close() };
}

/** One repeat covers a 5xx and a broken connection; the pipeline does the rest. */
const SDK_ATTEMPTS_MAX = 2;
const REACH_MS_MAX = 2_000;

interface AbortOption {
  readonly abortSignal: AbortSignal;
}

type Operation<T> = (options: AbortOption) => Promise<T>;

type Run = ReturnType<typeof runnerOf>;

/** Runs one operation under a deadline. Gives null when the store answers 404. */
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

interface StoreParts {
  readonly s3: S3;
  readonly bucket: string;
  readonly run: Run;
}

function creatorOf(
  { s3, bucket, run }: StoreParts,
  readDigest: ObjectStore["readDigest"],
): ObjectStore["create"] {
  // Becomes false permanently when the store answers 501: it does not support `If-None-Match`.
  let isConditional = true;
  return async (object, signal) => {
    const what = `create object "${object.key}"`;
    for (let attempt = 1; attempt <= PUT_ATTEMPTS_MAX; attempt++) {
      // Without the condition, a look before the upload replaces it. Two owners can still both pass
      // the look; both then write the same lines, because they follow the same plan.
      if (!isConditional && (await readDigest(object.key, signal)) !== null) return "exists";
      const put = (options: AbortOption) => putObject(s3, { object, isConditional }, options);
      const outcome = await run(what, put, signal);
      if (outcome === "created" || outcome === "exists") return outcome;
      if (outcome === null) throw unavailable(`${what}: no bucket "${bucket}"`);
      if (outcome === "unconditional") isConditional = false;
      else await sleep(attempt * CONFLICT_PAUSE_MS);
    }
    throw unavailable(`${what}: another upload of it is in progress`);
  };
}

/** A store answers 409 while another upload of the same key is in progress. // chosen */
const PUT_ATTEMPTS_MAX = 5;
const CONFLICT_PAUSE_MS = 20;

/** Answers to a PUT that are no failures. */
const PUT_OUTCOMES: ReadonlyMap<number, "exists" | "conflict" | "unconditional"> = new Map([
  [409, "conflict"],
  [412, "exists"],
  [501, "unconditional"],
]);

interface ObjectPut {
  readonly object: NewObject;
  readonly isConditional: boolean;
}

async function putObject(s3: S3, { object, isConditional }: ObjectPut, options: AbortOption) {
  const { key, body, contentType, sha256 } = object;
  const metadata = { ...object.metadata, sha256 };
  try {
    await s3.put({ key, body, contentType, metadata, onlyIfAbsent: isConditional }, options);
    return "created";
  } catch (error) {
    const outcome = PUT_OUTCOMES.get(httpStatusOf(error) ?? 0);
    if (outcome === undefined) throw error;
    return outcome;
  }
}

function listerOf({ s3, bucket, run }: StoreParts): ObjectStore["list"] {
  return async ({ prefix, after }, signal) => {
    const keys: string[] = [];
    let request: ListRequest = { prefix, after };
    for (let page = 0; page < LIST_PAGES_MAX; page++) {
      const listPage = (options: AbortOption) => s3.list(request, options);
      const answer = await run(`list objects after "${after}"`, listPage, signal);
      if (answer === null) throw unavailable(`list objects: no bucket "${bucket}"`);
      keys.push(...answer.objects.map(({ key }) => key));
      if (answer.nextToken === undefined) break;
      request = { prefix, token: answer.nextToken };
    }
    return keys;
  };
}

/** A million keys at most: the caller takes the lowest offsets first and lists again. // chosen */
const LIST_PAGES_MAX = 1_000;

function unavailable(what: string, cause?: unknown): PipelineError {
  return new PipelineError("archive_unavailable", `Cannot ${what}`, { cause });
}

function describe(error: unknown): string {
  const status = httpStatusOf(error);
  const text = error instanceof Error ? `${error.name}, ${error.message}` : String(error);
  return status === null ? text : `${status} ${text}`;
}
