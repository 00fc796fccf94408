/**
 * A scripted S3 server: answers each request as a test wants, so that every answer
 * of a store can be caused. Test support; what real stores do is tested on one.
 */
import { afterEach } from "bun:test";
import { loadConfig, type Log } from "@tally/shared";
import type { Bucket } from "../bucket.ts";
import type { NewObject } from "../create_object.ts";
import { createArchiveStore, type ObjectStore, type ObjectStoreOptions } from "../object_store.ts";

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface FakeS3 {
  readonly store: ObjectStore;
  /** Lines that the store has logged, with the remedy when there is one. */
  readonly lines: readonly string[];
  /** The same bucket, for a reader. */
  readonly bucket: Bucket;
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

/** Gives the answer to one request; objects are the caller's to keep. */
export type Answer = (request: SeenRequest, index: number) => Response | Promise<Response>;

/** A signal that is never aborted. */
export const NEVER = new AbortController().signal;

/** What the tests upload. */
export const OBJECT: NewObject = {
  key: "events/a.json",
  body: Buffer.from("{}\n"),
  contentType: "application/x-ndjson",
  sha256: "ab12",
  metadata: { "topic-id": "t+/=" },
};

/** Gives what starts a server in a test; each is closed after its test. */
export function useFakeS3(): typeof fakeS3 {
  const open: FakeS3[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((fake) => fake.close()));
  });
  return (answer, env, options) => {
    const fake = fakeS3(answer, env, options);
    open.push(fake);
    return fake;
  };
}

/** Starts the server, with a store that talks to it. */
function fakeS3(
  answer: Answer,
  env: Record<string, string> = {},
  options: Pick<ObjectStoreOptions, "noteRequest"> = {},
): FakeS3 {
  const requests: SeenRequest[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const { method, url, headers } = request;
      const { pathname, searchParams: query } = new URL(url);
      const key = pathname.split("/").slice(2).join("/");
      requests.push({ method, key, query, headers, body: await request.bytes() });
      return await answer(requests.at(-1) as SeenRequest, requests.length - 1);
    },
  });
  const config = loadConfig(
    { S3_BUCKET_NAME: "bucket", S3_ENDPOINT: `http://127.0.0.1:${server.port}`, ...env },
    "processor",
  );
  const credentials = { accessKeyId: "id", secretAccessKey: "key" };
  const lines: string[] = [];
  const warn = ({ remedy }: { readonly remedy?: string }, line: string): void =>
    void lines.push(remedy === undefined ? line : `${line} ${remedy}`);
  const log = { warn } as unknown as Pick<Log, "warn">;
  const store = createArchiveStore(config, { credentials, log, ...options });
  const { bucket: name, region, endpoint, keyPrefix } = config.archive;
  return {
    store,
    lines,
    bucket: { name, region, endpoint, keyPrefix, credentials },
    requests,
    close: async () => {
      store.close();
      await server.stop(true);
    },
  };
}

/** The answer to an upload that was stored. */
export function s3Stored(): Response {
  return new Response(null, { headers: { etag: '"1"' } });
}

/** One page of a listing, as S3 answers it; with a token when there are more. */
export function s3Page(keys: readonly string[], nextToken?: string): Response {
  const contents = keys.map(
    (key) =>
      `<Contents><Key>${key}</Key><Size>3</Size><LastModified>2026-01-31T07:00:00.000Z</LastModified></Contents>`,
  );
  const next =
    nextToken === undefined ? "" : `<NextContinuationToken>${nextToken}</NextContinuationToken>`;
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>${next}${contents.join("")}</ListBucketResult>`,
    { headers: { "content-type": "application/xml" } },
  );
}

/** An error as S3 answers it. */
export function s3Error(
  status: number,
  code: string,
  {
    message = code,
    ...headers
  }: { readonly message?: string; readonly [header: string]: string } = {},
): Response {
  return new Response(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    { status, headers: { "content-type": "application/xml", ...headers } },
  );
}
