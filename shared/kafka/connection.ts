/**
 * What every Kafka client of the project has in common: how it connects, and
 * what librdkafka's error codes mean in the project's own table of errors.
 */
import type { Config } from "../config/sections.ts";
import { type ErrorCode, PipelineError } from "../error.ts";
import { settledWithin } from "../wait.ts";
import { remedyOf } from "./cluster/broker_refusals.ts";
import type { ClientConfig } from "./client.ts";

/** How to reach Kafka. */
export interface KafkaConnection {
  /** Comma-separated host:port. */
  readonly bootstrapServers: string;
  readonly clientId?: string;
  readonly securityProtocol?: "plaintext" | "ssl" | "sasl_plaintext" | "sasl_ssl";
  /** PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  readonly saslMechanism?: string;
  readonly saslUsername?: string;
  readonly saslPassword?: string;
  /** File with the certificates to trust; the system's when absent. */
  readonly sslCaLocation?: string;
  /** File with the client's certificate, for brokers that ask for one. */
  readonly sslCertificateLocation?: string;
  readonly sslKeyLocation?: string;
  readonly sslKeyPassword?: string;
  /** Further properties by librdkafka's names; they win over the project's defaults. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** The connection that the options describe. */
export function kafkaConnection(
  { kafka }: Pick<Config<"ingest">, "kafka">,
  clientId: string,
): KafkaConnection {
  const { securityProtocol, saslMechanism, saslUsername, saslPassword } = kafka;
  const { sslCaLocation, sslCertificateLocation, sslKeyLocation, sslKeyPassword } = kafka;
  return {
    bootstrapServers: kafka.bootstrapServers,
    clientId,
    securityProtocol,
    ...(securityProtocol.startsWith("sasl") && { saslMechanism }),
    ...(saslUsername !== null && { saslUsername }),
    ...(saslPassword !== null && { saslPassword }),
    ...(sslCaLocation !== null && { sslCaLocation }),
    ...(sslCertificateLocation !== null && { sslCertificateLocation }),
    ...(sslKeyLocation !== null && { sslKeyLocation }),
    ...(sslKeyPassword !== null && { sslKeyPassword }),
    properties: kafka.properties,
  };
}

/** A line of librdkafka's log; none of them means that events were lost. */
export interface ClientLogLine {
  /** syslog's: 3 error, 4 warning, 6 info, 7 debug. */
  readonly severity: number;
  readonly facility: string;
  readonly message: string;
}

/**
 * A rebalance follows before a consumer gets new partitions: two heartbeats, and the start of each
 * partition. Together they must take less than 10 s.
 */
const METADATA_REFRESH_MS = 2000; // chosen

/** librdkafka's options for a connection. */
export function connectionConfig(connection: KafkaConnection): ClientConfig {
  const config: ClientConfig = {
    "bootstrap.servers": connection.bootstrapServers,
    "client.id": connection.clientId ?? "tally",
    // A broker that comes back is found within a second; the defaults grow to 10 s.
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 1000,
    // How soon partitions that were added to a topic are seen; the default is 5 minutes. It costs
    // one small request per client.
    "topic.metadata.refresh.interval.ms": METADATA_REFRESH_MS,
    // A wrong name must be reported, not become a topic with settings that nobody chose. The
    // producer's default is true.
    "allow.auto.create.topics": false,
    // A broker that closes each new connection (it wants TLS, say) is reported in no other way.
    "log.connection.close": true,
  };
  const optional: Record<string, string | undefined> = {
    "security.protocol": connection.securityProtocol,
    "sasl.mechanisms": connection.saslMechanism,
    "sasl.username": connection.saslUsername,
    "sasl.password": connection.saslPassword,
    "ssl.ca.location": connection.sslCaLocation,
    "ssl.certificate.location": connection.sslCertificateLocation,
    "ssl.key.location": connection.sslKeyLocation,
    "ssl.key.password": connection.sslKeyPassword,
  };
  for (const [name, value] of Object.entries(optional)) {
    if (value !== undefined) config[name] = value;
  }
  return config;
}

/** librdkafka's codes that decisions depend on; its header rdkafka.h names them all. */
export const KAFKA_CODE = {
  fatal: -150,
  queueFull: -184,
  state: -172,
  assignPartitions: -175,
  revokePartitions: -174,
  autoOffsetReset: -140,
  brokerReplaced: -137,
  invalidArgument: -186,
  messageTooLarge: 10,
  recordListTooLarge: 18,
  topicExists: 36,
  unknownTopic: 3,
  unknownTopicLocal: -188,
} as const;

/** Codes for which the record is to blame: the same record is refused again. */
const REJECTED_CODES: ReadonlySet<number> = new Set([
  2, // invalid message
  KAFKA_CODE.messageTooLarge,
  KAFKA_CODE.recordListTooLarge,
  87, // invalid record
]);

/** The parts of a client's error that decisions depend on. */
export interface ClientError {
  readonly code: number;
  readonly message: string;
  readonly isFatal: boolean;
}

/** Reads an error of the client; -1 as code for one that has none. */
export function readClientError(error: unknown): ClientError {
  const { code, message, isFatal } = (error ?? {}) as Partial<ClientError>;
  return {
    code: typeof code === "number" ? code : -1,
    message: typeof message === "string" ? message : String(error),
    isFatal: isFatal === true || code === KAFKA_CODE.fatal,
  };
}

/**
 * Translates an error of the client into the project's table.
 *
 * A code that is not in a list counts as a broker that is down: the caller retries, and
 * a repeat is safe.
 *
 * @param action What could not be done, as the message begins: `Cannot publish to "events"`.
 */
export function pipelineError(action: string, error: unknown): PipelineError {
  if (error instanceof PipelineError) return error; // Translated already, with more detail.
  const { code, message } = readClientError(error);
  const remedy = remedyOf(code);
  return new PipelineError(pipelineCode(code), `${action}: ${message} (code ${code})`, {
    cause: error,
    ...(remedy !== null && { remedy }),
  });
}

function pipelineCode(code: number): ErrorCode {
  if (code === KAFKA_CODE.queueFull) return "overloaded";
  if (remedyOf(code) !== null) return "broker_misconfigured";
  return REJECTED_CODES.has(code) ? "broker_rejected" : "broker_unavailable";
}

/** Whether a record was refused for its size, here or by the broker. */
export function isTooLarge(error: PipelineError): boolean {
  const { code } = readClientError(error.cause);
  return error.code === "broker_rejected" && TOO_LARGE_CODES.has(code);
}

const TOO_LARGE_CODES: ReadonlySet<number> = new Set([
  KAFKA_CODE.messageTooLarge,
  KAFKA_CODE.recordListTooLarge,
]);

/**
 * Closes a client; gives up after `timeoutMs`, and even then the process can end.
 *
 * @returns Whether the client has closed in time.
 */
export function closeClient(
  disconnect: (done: () => void) => void,
  timeoutMs: number,
): Promise<boolean> {
  const closed = Promise.withResolvers<void>();
  disconnect(() => closed.resolve());
  return settledWithin(closed.promise, timeoutMs);
}

/** Reads a line of librdkafka's log. */
export function logLine(line: unknown): ClientLogLine {
  const { severity, fac, message } = (line ?? {}) as Record<string, unknown>;
  return {
    severity: Number(severity ?? 6),
    facility: String(fac ?? ""),
    message: String(message ?? ""),
  };
}
