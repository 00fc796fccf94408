/** Which services a command uses: those that the environment names, else those of `up`. */
import { loadConfig } from "./config.ts";
import type { Env } from "../process/command.ts";
import { isOptionSet } from "./secret.ts";
import { OPTIONS } from "./sections.ts";

/**
 * Completes an environment: Kafka, PostgreSQL or the S3 store of `bun run up` on this machine
 * replaces each one that the environment does not name, by the same rules as `up`.
 *
 * @throws {PipelineError} `config_invalid`.
 */
export function withLocalServices(env: Env): Env {
  const { stack } = loadConfig(env, "stack");
  const localUrl = new URL(OPTIONS.database.url.default ?? "");
  localUrl.port = String(stack.postgresPort);
  return {
    ...env,
    KAFKA_BOOTSTRAP_SERVERS: env.KAFKA_BOOTSTRAP_SERVERS || `127.0.0.1:${stack.kafkaPort}`,
    ...(isOptionSet(env, "DATABASE_URL") ? {} : { DATABASE_URL: localUrl.href }),
    ...(namesStore(env) ? {} : { S3_ENDPOINT: `http://127.0.0.1:${stack.s3Port}` }),
  };
}

/** Whether the environment names a store: AWS has no endpoint, other stores have one. */
export function namesStore(env: Env): boolean {
  return Boolean(env.S3_BUCKET_NAME || env.S3_ENDPOINT);
}
