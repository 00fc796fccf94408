/**
 * The services that `load` and `audit` use: those that the environment names, else
 * those of `bun run up` on this machine.
 */
import { connectHost, loadConfig, namesStore, withLocalServices, type Env } from "@tally/shared";

import type { Bucket } from "../archive/bucket.ts";
import { credentialsOf, readCaBundle } from "../archive/s3_client.ts";

/** Addresses of the services. */
export interface LoadServices {
  readonly ingestUrl: string;
  /** `TALLY_KEY`, or null when it is not set. */
  readonly key: string | null;
  readonly database: { readonly url: string; readonly schema: string };
  /** Null when the archive is switched off. */
  readonly bucket: Bucket | null;
}

/** Keys of the local store; they are no secret, as it listens on this machine only. */
const LOCAL_CREDENTIALS = { accessKeyId: "local-identity", secretAccessKey: "local-credential" };

/**
 * Reads the environment by the same rules as `up`.
 *
 * @throws {PipelineError} `config_invalid`.
 */
export function findServices(env: Env): LoadServices {
  const { ingest, database, archive, commands } = loadConfig(withLocalServices(env), "stack");
  const bucket = {
    name: archive.bucket,
    region: archive.region,
    keyPrefix: archive.keyPrefix,
    endpoint: archive.endpoint,
    ca: readCaBundle(archive.caBundle),
    ...(namesStore(env) ? credentialsOf(archive) : { credentials: LOCAL_CREDENTIALS }),
  };
  return {
    ingestUrl: `http://${connectHost(ingest.host)}:${ingest.port}`,
    key: commands.key,
    database: { url: database.url, schema: database.schema },
    bucket: archive.enabled ? bucket : null,
  };
}
