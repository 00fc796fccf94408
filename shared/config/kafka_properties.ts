/**
 * The option that passes properties to librdkafka, and the properties that it refuses:
 * those that Tally's promises rest on, and those that have an option of their own.
 * Unknown names and values are refused by librdkafka when the first client is made.
 */
import type { Env } from "../process/command.ts";
import type { Option } from "./option.ts";
import { fileVariableOf, findSecret } from "./secret.ts";

/** Begins the name of every variable that holds a property. */
const PREFIX = "KAFKA_RDKAFKA_";

const ACKNOWLEDGED = "a 202 means that all in-sync replicas have the event";
const DEADLINE =
  "a record must not outlive the deadline of its request: INGEST_REQUEST_DEADLINE_MS";
const POSITION = "positions are kept in PostgreSQL, never in Kafka";
const GROUP = "each sink has its own group: PROCESSOR_GROUP_PREFIX";
const ASSIGNMENT = "the fence in PostgreSQL relies on how partitions are given and taken";
const BOUNDED = "Tally bounds its memory and shares fetching fairly by this";
const OAUTHBEARER =
  "OAUTHBEARER is not supported: use SCRAM, PLAIN or a client's certificate to log in";
const OTHER_CODE = "other code could change records or acknowledgements";

/** By librdkafka's names; every alias has its own row. */
const REFUSED: Readonly<Record<string, string>> = {
  acks: ACKNOWLEDGED,
  "request.required.acks": ACKNOWLEDGED,
  "enable.idempotence": "a retry inside the client must not write an event twice",
  "enable.gapless.guarantee": "one record that fails must not stop all others",
  "transactional.id": "Tally writes outside of transactions",
  "message.timeout.ms": DEADLINE,
  "delivery.timeout.ms": DEADLINE,
  partitioner: "all events of a session must be in one partition, in their order",
  "delivery.report.only.error": "an event without a report would never get its 202",
  "queuing.strategy": "records of one partition keep their order",
  "linger.ms": "use INGEST_PUBLISH_LINGER_US",
  "queue.buffering.max.ms": "use INGEST_PUBLISH_LINGER_US",
  "queue.buffering.max.messages": "use INGEST_QUEUE_RECORDS_MAX",
  "queue.buffering.max.kbytes": "use INGEST_QUEUE_BYTES_MAX",
  "message.max.bytes": "use INGEST_EVENT_BYTES_MAX",
  "allow.auto.create.topics": "a wrong name must not become a topic",
  "enable.auto.commit": POSITION,
  "auto.commit.enable": POSITION,
  "auto.commit.interval.ms": POSITION,
  "enable.auto.offset.store": POSITION,
  "auto.offset.reset": "a position that the log does not have is an error, never a jump",
  "offset.store.method": POSITION,
  "offset.store.path": POSITION,
  "isolation.level": "records of transactions that were aborted must not become rows",
  "check.crcs": "the client skips a damaged batch silently, and it would look like a gap",
  "enable.partition.eof": "Tally itself finds the end of a partition",
  "group.id": GROUP,
  "group.instance.id": "all processors would share one, and shut each other out",
  "group.protocol": "use PROCESSOR_GROUP_PROTOCOL",
  "group.protocol.type": ASSIGNMENT,
  "group.remote.assignor": ASSIGNMENT,
  "partition.assignment.strategy": ASSIGNMENT,
  "session.timeout.ms": "use PROCESSOR_SESSION_TIMEOUT_MS",
  "heartbeat.interval.ms": "it follows from PROCESSOR_SESSION_TIMEOUT_MS",
  "max.poll.interval.ms": ASSIGNMENT,
  "queued.min.messages": BOUNDED,
  "queued.max.messages.kbytes": BOUNDED,
  "fetch.queue.backoff.ms": BOUNDED,
  "fetch.wait.max.ms": BOUNDED,
  "fetch.min.bytes": BOUNDED,
  "fetch.max.bytes": BOUNDED,
  "fetch.message.max.bytes": BOUNDED,
  "max.partition.fetch.bytes": BOUNDED,
  "bootstrap.servers": "use KAFKA_BOOTSTRAP_SERVERS",
  "metadata.broker.list": "use KAFKA_BOOTSTRAP_SERVERS",
  "security.protocol": "use KAFKA_SECURITY_PROTOCOL",
  "sasl.mechanism": "use KAFKA_SASL_MECHANISM",
  "sasl.mechanisms": "use KAFKA_SASL_MECHANISM",
  "sasl.username": "use KAFKA_SASL_USERNAME",
  "sasl.password": "use KAFKA_SASL_PASSWORD",
  "ssl.ca.location": "use KAFKA_SSL_CA_LOCATION",
  "ssl.certificate.location": "use KAFKA_SSL_CERTIFICATE_LOCATION",
  "ssl.key.location": "use KAFKA_SSL_KEY_LOCATION",
  "ssl.key.password": "use KAFKA_SSL_KEY_PASSWORD",
  "enable.sasl.oauthbearer.unsecure.jwt": OAUTHBEARER,
  "plugin.library.paths": OTHER_CODE,
  "log.queue": "Tally reads the client's log to name what is wrong",
  "test.mock.num.brokers": "a broker that keeps nothing would acknowledge",
  "test.mock.broker.rtt": "a broker that keeps nothing would acknowledge",
};

/** Whole groups of properties, by how their names begin. */
const REFUSED_GROUPS: readonly (readonly [start: string, reason: string])[] = [
  ["sasl.oauthbearer.", OAUTHBEARER],
];

/** Secrets of librdkafka that a file may hold. Other properties end in `.file` by themselves. */
const SECRETS = ["ssl.keystore.password", "ssl.key.pem"] as const;

/** Properties by librdkafka's names, as text. */
export type KafkaProperties = Readonly<Record<string, string>>;

/** Every refused property with its reason, for the documents. */
export function refusedProperties(): readonly (readonly [name: string, reason: string])[] {
  return Object.entries(REFUSED);
}

function refusalOf(property: string): string | undefined {
  const group = REFUSED_GROUPS.find(([start]) => property.startsWith(start));
  return group?.[1] ?? (Object.hasOwn(REFUSED, property) ? REFUSED[property] : undefined);
}

/** The variable of a property: its name in capitals, with `_` for each dot. */
export function variableOf(property: string): string {
  return `${PREFIX}${property.toUpperCase().replaceAll(".", "_")}`;
}

/** Reads all variables with the prefix. */
export function kafkaProperties(): Option<KafkaProperties> {
  return {
    env: `${PREFIX}<PROPERTY>`,
    default: null,
    range: "text",
    help:
      "Any other property of librdkafka, in capitals and with `_` for each dot: " +
      "`KAFKA_RDKAFKA_SOCKET_KEEPALIVE_ENABLE=true`. Properties that Tally's promises rest on are " +
      "refused at start. A secret may stand in a file: " +
      `${SECRETS.map((property) => `\`${fileVariableOf(variableOf(property))}\``).join(", ")}.`,
    secret: true,
    parse: () => ({ kind: "value", value: {} }),
    readAll,
  };
}

function readAll(env: Env): { readonly value: KafkaProperties; readonly problems: string[] } {
  const value: Record<string, string> = {};
  const problems: string[] = [];
  const files = new Set(SECRETS.map((property) => fileVariableOf(variableOf(property))));
  for (const property of SECRETS) {
    const found = findSecret(env, variableOf(property));
    if (found.kind === "problem") problems.push(found.problem);
    else if (found.value.text !== null) value[property] = found.value.text;
  }
  for (const [name, text = ""] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || text === "" || files.has(name)) continue;
    const rest = name.slice(PREFIX.length);
    const property = rest.toLowerCase().replaceAll("_", ".");
    const reason = refusalOf(property);
    if (!/^[A-Z0-9_]+$/.test(rest))
      problems.push(`${name} must be in capitals, with _ for each dot`);
    else if (reason === undefined) value[property] = text;
    else problems.push(`${name} can't be set: ${reason}`);
  }
  return { value, problems };
}
