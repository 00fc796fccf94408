/**
 * What `up` starts and what it only uses: a service that the environment names
 * is used, one that it does not name is started. Pure.
 */
import { isOptionSet, namesStore, type Config, type Env } from "@tally/shared";

import type { PartName, Parts } from "../servers/stack.ts";

/** The decision for one start. */
export interface Plan {
  readonly use: readonly PartName[];
  /** Whether the archive is on at all. */
  readonly archive: boolean;
}

/** Decides from the environment; an empty variable counts as not set. */
export function planStack(config: Config<"stack">, env: Env): Plan {
  const use: PartName[] = [];
  if (!isOptionSet(env, "KAFKA_BOOTSTRAP_SERVERS")) use.push("kafka");
  if (!isOptionSet(env, "DATABASE_URL")) use.push("postgres");
  const archive = config.archive.enabled;
  if (archive && !namesStore(env)) use.push("s3");
  return { use, archive };
}

/**
 * Environment with which a service finds the started parts; other variables come from the caller.
 */
export function servicesEnv(parts: Partial<Parts>): Record<string, string> {
  const { kafka, postgres, s3 } = parts;
  return {
    ...(kafka && { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers }),
    ...(postgres && { DATABASE_URL: postgres.url }),
    ...(s3 && {
      S3_ENDPOINT: s3.endpoint,
      S3_BUCKET_NAME: s3.bucket,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      AWS_REGION: s3.region,
      // Keys for AWS that the user has set elsewhere must not win over these.
      AWS_SESSION_TOKEN: "",
      AWS_ACCESS_KEY_ID_FILE: "",
      AWS_SECRET_ACCESS_KEY_FILE: "",
      AWS_SESSION_TOKEN_FILE: "",
      AWS_PROFILE: "",
    }),
  };
}
