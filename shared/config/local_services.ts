/** Which services a command talks to: those that the environment names, else those of `up`. */
import { loadConfig } from "./config.ts";
import type { Env } from "../command.ts";

/**
 * The environment, with Kafka, PostgreSQL and the store of `bun run up` on this machine in the
 * place of each that it does not name; by the same rules as `up`.
 *
 * @throws {PipelineError} `config_invalid`.
 */
export function withLocalServices(env: Env): Env {
  const { stack, database } = loadConfig(env, "stack");
  const localUrl = new URL(database.url);
  localUrl.port = String(stack.postgresPort);
  return {
    ...env,
    KAFKA_BOOTSTRAP_SERVERS: env.KAFKA_BOOTSTRAP_SERVERS || `127.0.0.1:${stack.kafkaPort}`,
    DATABASE_URL: env.DATABASE_URL || localUrl.href,
    ...(namesStore(env) ? {} : { S3_ENDPOINT: `http://127.0.0.1:${stack.s3Port}` }),
  };
}

/** Whether the environment names a store of its own: AWS has no endpoint, others have. */
export function namesStore(env: Env): boolean {
  return Boolean(env.S3_BUCKET_NAME || env.S3_ENDPOINT);
}
