/**
 * What keeps a client from working with Kafka, in an operator's words: read from the
 * lines of librdkafka's log, which name the broker. What an error code says is in
 * broker_refusals.ts. Pure.
 */
import type { ClientLogLine } from "../connection.ts";

export type TroubleKind =
  | "name_unresolved"
  | "not_connected"
  | "advertised_elsewhere"
  | "login_refused"
  | "certificate_untrusted"
  | "tls_failed"
  | "protocol_mismatch"
  | "closed_at_once"
  | "topic_missing"
  | "topic_refused";

/** One fault that an operator can mend. */
export interface Trouble {
  readonly kind: TroubleKind;
  /** What is wrong and what to do. Holds no address and no secret, so health may show it. */
  readonly advice: string;
  /** The broker and librdkafka's own words, or the name of a topic: for the log only. */
  readonly detail: string;
}

/** What an operator has to check or change. */
export const TROUBLE_ADVICE: Readonly<Record<TroubleKind, string>> = {
  name_unresolved:
    "The name of a broker cannot be resolved: check KAFKA_BOOTSTRAP_SERVERS and the name server",
  not_connected:
    "No connection to a broker: check that Kafka runs, and that KAFKA_BOOTSTRAP_SERVERS and " +
    "KAFKA_SECURITY_PROTOCOL are right",
  advertised_elsewhere:
    "A broker that the cluster advertises cannot be reached: check that it runs, and that its " +
    "advertised.listeners holds an address that this machine can reach",
  login_refused:
    "Kafka refused the login: check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM",
  certificate_untrusted:
    "The certificate of a broker is not trusted: set KAFKA_SSL_CA_LOCATION to the CA that signed it",
  tls_failed:
    "TLS with a broker failed: check KAFKA_SECURITY_PROTOCOL, and KAFKA_SSL_CERTIFICATE_LOCATION " +
    "and KAFKA_SSL_KEY_LOCATION if the brokers ask for a client certificate",
  protocol_mismatch:
    "A broker speaks another protocol: set KAFKA_SECURITY_PROTOCOL to that of its listener",
  closed_at_once:
    "A broker closes each connection at once: check that it runs, and that KAFKA_SECURITY_PROTOCOL " +
    "is that of its listener",
  topic_refused: "Kafka refuses to describe the topic",
  topic_missing: "The topic does not exist: create it, or set KAFKA_TOPIC to the right name",
};

/** Whether waiting never helps: an operator has to change a name, an option or a right. */
export function isForOperator({ kind }: Trouble): boolean {
  return !MAY_END.includes(kind);
}

/** Kinds that end without an operator: a broker that is down causes the same lines. */
const MAY_END: readonly TroubleKind[] = ["not_connected", "advertised_elsewhere", "closed_at_once"];

/** Makes a trouble of a kind. */
export function troubleOf(
  kind: TroubleKind,
  detail: string,
  advice = TROUBLE_ADVICE[kind],
): Trouble {
  return { kind, advice, detail };
}

/** What an operator reads in a log: advice, then the words of the client. */
export function troubleText({ advice, detail }: Trouble): string {
  return `${advice} (${detail})`;
}

/**
 * Reads one line of librdkafka's log.
 *
 * @param bootstrapServers The configured addresses: another one is known from the cluster only.
 * @returns Null for a line that reports no failed connection.
 */
export function readTrouble(line: ClientLogLine, bootstrapServers: string): Trouble | null {
  const found = /(?:^|: )(?:(\w+):\/\/)?([^\s/]+)\/(?:bootstrap|\d+): (.*)$/.exec(line.message);
  const [, , address = "", text = ""] = found ?? [];
  if (found === null || line.severity > INFO) return null;
  const detail = `${address}: ${text.replace(TIMING, "").slice(0, DETAIL_LENGTH_MAX)}`;
  const kind = LINES.find(([shape]) => shape.test(text))?.[1];
  if (kind === undefined) return null;
  const isConfigured = bootstrapServers.split(",").includes(address);
  const isConnecting = kind === "name_unresolved" || kind === "not_connected";
  return troubleOf(isConnecting && !isConfigured ? "advertised_elsewhere" : kind, detail);
}

/**
 * The id of a broker to which no connection can be made, as a line of librdkafka's log says; null
 * for any other line.
 */
export function readUnreachedBroker({ message }: ClientLogLine): number | null {
  const found = /\/(\d+): (?:Connect to|Connection setup timed out|Failed to resolve)/.exec(
    message,
  );
  return found === null ? null : Number(found[1]);
}

/**
 * The address of a broker that ended a connection, as a line of librdkafka's log says; null for any
 * other line.
 */
export function readClosedAddress({ message }: ClientLogLine): string | null {
  const found = /([^\s/]+)\/(?:bootstrap|\d+): (?:Disconnected|Receive failed)/.exec(message);
  return found?.[1] ?? null;
}

/** Level of syslog: a broker that closes a connection at once is reported no higher. */
const INFO = 6;
const DETAIL_LENGTH_MAX = 300; // chosen
/** The end of each line: it differs from one line to the next. */
const TIMING = / \(after \d+ms in state .*$/;

/** The words of librdkafka 2.15, most specific first. */
const LINES: readonly (readonly [shape: RegExp, kind: TroubleKind])[] = [
  [/^Failed to resolve /, "name_unresolved"],
  [/security\.protocol|unexpected message|wrong version number|PLAINTEXT/i, "protocol_mismatch"],
  // A listener that wants no login.
  [/SASL .* handshake failed: .*not valid in current SASL state/, "protocol_mismatch"],
  [/SASL|authentication/i, "login_refused"],
  [/certificate verify failed|unable to get .*issuer|self[- ]signed/i, "certificate_untrusted"],
  [/SSL|TLS|certificate/i, "tls_failed"],
  // A listener with TLS does not understand the first request.
  [/^Disconnected.* \(after \d+ms in state APIVERSION_QUERY/, "closed_at_once"],
  [/^(Connect to|Connection setup timed out|Disconnected|Receive failed)/, "not_connected"],
];
