/**
 * The bucket as the archive sink uses it: creates objects that are never
 * overwritten, and translates every failure into one of the system's codes.
 */
import type { Config, Log } from "@tally/shared";
import { creatorOf, type NewObject } from "./create_object.ts";
import { isDenied, type StorePlace } from "./refusals.ts";
import {
  credentialsOf,
  failureOf,
  fetchHandler,
  openS3,
  readCaBundle,
  type AbortOption,
  type ListPage,
  type ListRequest,
  type S3,
  type S3Credentials,
  type S3Metadata,
} from "./s3_client.ts";
import { runnerOf, type NoteRequest, type StoreParts } from "./store_call.ts";
import { bucketMissing, storeError } from "./store_error.ts";

/**
 * A bucket; each call stores or reads one whole object, never a part of one. Besides
 * `archive_unavailable` every call throws `archive_misconfigured`, with a remedy, when the store
 * answers and refuses; refusals.ts tells the two apart.
 */
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
   * Keys that begin with `prefix` and sort after `after`, in order; null when this process has no
   * right to list. Some stores also list uploads in progress.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  list(range: KeyRange, signal: AbortSignal): Promise<string[] | null>;
  /**
   * The bytes of an object as they are stored, or null when there is none.
   *
   * @throws {PipelineError} `archive_unavailable`, retryable.
   */
  read(key: string, signal: AbortSignal): Promise<Uint8Array | null>;
  /**
   * Resolves when the bucket answers within 12 s and knows this process. It may lack the right to
   * list; whether it may write shows when it writes.
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
  /** Used instead of those of the options, and of those that the SDK finds. */
  readonly credentials?: S3Credentials;
  /** Receives one line for each thing that the store lacks and the archive can do without. */
  readonly log?: Pick<Log, "warn">;
  /** Called with each request, and with its end. */
  readonly noteRequest?: NoteRequest;
}

/**
 * Opens the bucket of the archive. Nothing is connected yet, so an unreachable store is no error
 * here.
 *
 * @throws {PipelineError} `config_invalid` when `AWS_CA_BUNDLE` can't be read.
 */
export function createArchiveStore(
  { archive }: Pick<Config<"processor">, "archive">,
  { credentials, log, noteRequest }: ObjectStoreOptions = {},
): ObjectStore {
  const { bucket: name, region, endpoint, putTimeoutMs } = archive;
  const place = placeOf(archive);
  const s3 = openS3(
    {
      name,
      region,
      endpoint,
      ...(credentials === undefined ? credentialsOf(archive) : { credentials }),
    },
    {
      maxAttempts: SDK_ATTEMPTS_MAX,
      // PUT brings its own checksum, and stores other than AWS reject the trailers.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: fetchHandler(readCaBundle(archive.caBundle)),
    },
  );
  const run = runnerOf(place, { deadlineMs: putTimeoutMs, isQuick: false, noteRequest });

  const readMetadata: ObjectStore["readMetadata"] = (key, signal) =>
    run(
      { action: "head", what: `look at object "${key}"` },
      (options) => s3.head(key, options),
      signal,
    );

  const readDigest: ObjectStore["readDigest"] = async (key, signal) => {
    const metadata = await readMetadata(key, signal);
    return metadata === null ? null : (metadata["sha256"] ?? "");
  };

  const read: ObjectStore["read"] = async (key, signal) => {
    const call = { action: "get", what: `read object "${key}"` } as const;
    const object = await run(call, (options) => s3.get(key, options), signal);
    return object?.bytes ?? null;
  };

  const parts = { s3, place, run, log };
  const create = creatorOf(parts, readDigest);
  const list = listerOf(parts);
  const look = runnerOf(place, { deadlineMs: REACH_MS_MAX, isQuick: true, noteRequest });
  const reach = reacherOf({ ...parts, run: look });
  return { create, readDigest, readMetadata, list, read, reach, close: () => s3.close() };
}

/** What the remedies name. */
function placeOf(archive: Config<"processor">["archive"]): StorePlace {
  const { bucket, region, endpoint, keyPrefix, encryption, kmsKeyId } = archive;
  const asked = encryption === "bucket" ? null : { algorithm: encryption, kmsKeyId };
  return { bucket, region, endpoint, keyPrefix, encryption: asked };
}

/** One repeat covers a 5xx and a broken connection; the pipeline does the rest. */
const SDK_ATTEMPTS_MAX = 2;
/** Longer than a working store may be silent: a late answer is an answer. */
const REACH_MS_MAX = 12_000; // chosen

function listerOf({ s3, place, run, log }: StoreParts): ObjectStore["list"] {
  let isDenialLogged = false;
  return async ({ prefix, after }, signal) => {
    const call = { action: "list", what: `list objects after "${after}"` } as const;
    const keys: string[] = [];
    let request: ListRequest = { prefix, after };
    for (let page = 0; page < LIST_PAGES_MAX; page++) {
      const answer = await run(call, (options) => listPage(s3, request, options), signal);
      if (answer === null) throw bucketMissing(call, place);
      if (answer.kind === "denied") {
        const { remedy } = storeError(answer.error, call, place);
        if (!isDenialLogged) log?.warn({ bucket: place.bucket, remedy }, NO_LISTING);
        isDenialLogged = true;
        return null;
      }
      keys.push(...answer.page.objects.map(({ key }) => key));
      if (answer.page.nextToken === undefined) break;
      request = { prefix, token: answer.page.nextToken };
    }
    return keys;
  };
}

const NO_LISTING =
  "The archive may not list its bucket and goes on without: it needs this right only after PostgreSQL was restored from an older dump.";

/** A million keys at most: the caller takes the lowest offsets first and lists again. // chosen */
const LIST_PAGES_MAX = 1_000;

/** Asks for one key: a GET's answer says why it is refused, which a HEAD's can't. */
function reacherOf({ s3, place, run }: StoreParts): ObjectStore["reach"] {
  return async (signal) => {
    const call = { action: "list", what: `reach bucket "${place.bucket}"` } as const;
    const request = { prefix: `${place.keyPrefix}/`, keysMax: 1 };
    const answer = await run(call, (options) => listPage(s3, request, options), signal);
    if (answer === null) throw bucketMissing(call, place);
  };
}

type ListAnswer =
  | { readonly kind: "page"; readonly page: ListPage }
  /** The store knows the key that is used here, and does not let it list. */
  | { readonly kind: "denied"; readonly error: unknown };

async function listPage(s3: S3, request: ListRequest, options: AbortOption): Promise<ListAnswer> {
  try {
    return { kind: "page", page: await s3.list(request, options) };
  } catch (error) {
    if (isDenied(failureOf(error))) return { kind: "denied", error };
    throw error;
  }
}
