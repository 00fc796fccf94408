/**
 * Which services the load test talks to: those that the environment names, else
 * those of `bun run up` on this machine.
 */
import { connectHost, loadConfig, type Env } from "@tally/shared";

import type { Bucket } from "./bucket.ts";

/** Addresses of everything that a run needs. */
export interface LoadServices {
  readonly ingestUrl: string;
  readonly database: { readonly url: string; readonly schema: string };
  /** Null: the archive is switched off. */
  readonly bucket: Bucket | null;
}

/** Keys of the local store; no secret, as it listens on this machine only. */
const LOCAL_CREDENTIALS = { accessKeyId: "local-identity", secretAccessKey: "local-credential" };

/**
 * Reads the environment by the same rules as `up`.
 *
 * @throws {PipelineError} `config_invalid`.
 */
export function findServices(env: Env): LoadServices {
  const { ingest, database, archive, stack } = loadConfig(env, "stack");
  const localUrl = new URL(database.url);
  localUrl.port = String(stack.postgresPort);
  const isLocalStore = !env.S3_BUCKET_NAME && !env.S3_ENDPOINT;
  const bucket = {
    name: archive.bucket,
    region: archive.region,
    keyPrefix: archive.keyPrefix,
    ...(isLocalStore
      ? { endpoint: `http://127.0.0.1:${stack.s3Port}`, credentials: LOCAL_CREDENTIALS }
      : { endpoint: archive.endpoint }),
  };
  return {
    ingestUrl: `http://${connectHost(ingest.host)}:${ingest.port}`,
    database: {
      url: env.DATABASE_URL ? database.url : localUrl.href,
      schema: database.schema,
    },
    bucket: archive.enabled ? bucket : null,
  };
}
