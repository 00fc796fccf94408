/**
 * Rules between options, one row per rule: a valid setting can make another one
 * useless. Each rule states in the options' own names what must hold.
 */
import { isLoopbackName, listensOnLoopback } from "./host_name.ts";
import { parseDatabaseUrl } from "./database_url.ts";
import { isShareEnough } from "./ingest_processes.ts";
import type { AllSections } from "./sections.ts";

/** This program does not load the absent sections, so their rules do not apply to it. */
type Sections = Partial<AllSections>;

interface Relation {
  readonly rule: string;
  readonly isBroken: (sections: Sections) => boolean;
}

/** Why a service does not start open to others, and both ways out. */
const opens = (option: string, why: string): string =>
  `${option} ${why}, and keys are off, so strangers could use it: set TALLY_KEYS=on (see ` +
  "docs/going-public.md), or TALLY_OPEN=yes when something else keeps strangers out";
const isOpen = ({ http }: Sections): boolean => http !== undefined && !http.keysOn && !http.open;

const RELATIONS: readonly Relation[] = [
  {
    rule: opens("INGEST_HOST", "is not an address of loopback"),
    isBroken: (all) =>
      isOpen(all) && all.ingest !== undefined && !listensOnLoopback(all.ingest.host),
  },
  {
    rule: opens("PROCESSOR_HOST", "is not an address of loopback"),
    isBroken: (all) =>
      isOpen(all) && all.processor !== undefined && !listensOnLoopback(all.processor.host),
  },
  {
    rule: opens("TALLY_HOSTS", "has a name that others can use"),
    isBroken: (all) =>
      isOpen(all) && all.http !== undefined && !all.http.hosts.every(isLoopbackName),
  },
  {
    rule: opens("TALLY_TRUSTED_PROXIES", "names a proxy, which lets others in"),
    isBroken: (all) => isOpen(all) && all.http !== undefined && all.http.trustedProxies.length > 0,
  },
  {
    rule: "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be set when KAFKA_SECURITY_PROTOCOL has sasl in it",
    isBroken: ({ kafka }) =>
      kafka !== undefined &&
      kafka.securityProtocol.startsWith("sasl") &&
      (kafka.saslUsername === null || kafka.saslPassword === null),
  },
  {
    rule: "KAFKA_SSL_CERTIFICATE_LOCATION and KAFKA_SSL_KEY_LOCATION must be set together",
    isBroken: ({ kafka }) =>
      kafka !== undefined &&
      (kafka.sslCertificateLocation === null) !== (kafka.sslKeyLocation === null),
  },
  {
    rule: "KAFKA_SECURITY_PROTOCOL must be ssl or sasl_ssl when a KAFKA_SSL_ option is set, or nothing is encrypted",
    isBroken: ({ kafka }) =>
      kafka !== undefined &&
      !kafka.securityProtocol.endsWith("ssl") &&
      [kafka.sslCaLocation, kafka.sslCertificateLocation, kafka.sslKeyLocation].some(
        (location) => location !== null,
      ),
  },
  {
    rule: "KAFKA_DLQ_TOPIC must differ from KAFKA_TOPIC",
    isBroken: ({ kafka }) => kafka !== undefined && kafka.dlqTopic === kafka.topic,
  },
  {
    rule: "INGEST_PUBLISH_LINGER_US must be shorter than INGEST_REQUEST_DEADLINE_MS",
    isBroken: ({ ingest }) =>
      ingest !== undefined && ingest.lingerUs / 1000 >= ingest.requestDeadlineMs,
  },
  {
    rule: "INGEST_SHUTDOWN_MS_MAX must be longer than INGEST_REQUEST_DEADLINE_MS, or a stop cuts requests",
    isBroken: ({ ingest }) => ingest !== undefined && ingest.shutdownMs <= ingest.requestDeadlineMs,
  },
  {
    rule: "TALLY_KEEP_ALIVE_SECONDS must be longer than INGEST_REQUEST_DEADLINE_MS, or connections close before their answer",
    isBroken: ({ http, ingest }) =>
      http !== undefined &&
      ingest !== undefined &&
      http.keepAliveSeconds * 1000 <= ingest.requestDeadlineMs,
  },
  {
    rule: "INGEST_EVENT_BYTES_MAX must be at most INGEST_BODY_BYTES_MAX",
    isBroken: ({ ingest }) => ingest !== undefined && ingest.eventBytesMax > ingest.bodyBytesMax,
  },
  {
    rule: "INGEST_BODY_BYTES_MAX must be at most INGEST_REQUEST_BYTES_MAX",
    isBroken: ({ ingest }) => ingest !== undefined && ingest.bodyBytesMax > ingest.requestBytesMax,
  },
  {
    rule: "INGEST_BODY_BYTES_MAX must be at most half of INGEST_QUEUE_BYTES_MAX, or a full batch never fits",
    isBroken: ({ ingest }) =>
      ingest !== undefined && ingest.bodyBytesMax * 2 > ingest.queueBytesMax,
  },
  {
    rule: "INGEST_BATCH_EVENTS_MAX must be at most INGEST_QUEUE_RECORDS_MAX",
    isBroken: ({ ingest }) =>
      ingest !== undefined && ingest.batchEventsMax > ingest.queueRecordsMax,
  },
  {
    rule: "INGEST_PROCESSES must leave each process a share of the bounds that is enough: lower it, or raise INGEST_REQUEST_BYTES_MAX (one body each), INGEST_QUEUE_BYTES_MAX (two), INGEST_QUEUE_RECORDS_MAX (one batch) or INGEST_REQUESTS_MAX (one request)",
    isBroken: ({ ingest }) =>
      ingest !== undefined &&
      ingest.processes !== null &&
      ingest.processes > 1 &&
      !isShareEnough(ingest, ingest.processes),
  },
  {
    rule: "S3_ENDPOINT must have no user, query or fragment",
    isBroken: ({ archive }) => archive?.endpoint != null && /[?#@]/.test(archive.endpoint),
  },
  {
    rule: "ARCHIVE_KMS_KEY_ID needs ARCHIVE_ENCRYPTION=aws:kms or aws:kms:dsse",
    isBroken: ({ archive }) =>
      archive !== undefined &&
      archive.kmsKeyId !== null &&
      !archive.encryption.startsWith("aws:kms"),
  },
  {
    rule: "DATABASE_STATEMENT_TIMEOUT_MS must be below PROCESSOR_SESSION_TIMEOUT_MS",
    isBroken: ({ database, processor }) =>
      database !== undefined &&
      processor !== undefined &&
      database.statementTimeoutMs >= processor.sessionTimeoutMs,
  },
  {
    rule: "DATABASE_SCHEMA must be the schema that DATABASE_URL names: set it, or remove the parameter schema (or currentSchema)",
    isBroken: ({ database }) => {
      if (database === undefined) return false;
      const target = parseDatabaseUrl(database.url);
      if (target.kind === "problem" || target.value.schema === null) return false;
      return target.value.schema !== database.schema;
    },
  },
  {
    rule: "PROCESSOR_BATCH_RECORDS_MAX must be at most PROCESSOR_PARTITION_RECORDS_MAX",
    isBroken: ({ processor }) =>
      processor !== undefined && processor.batchRecordsMax > processor.partitionRecordsMax,
  },
  {
    rule: "PROCESSOR_BATCH_BYTES_MAX must be at most PROCESSOR_PARTITION_BYTES_MAX",
    isBroken: ({ processor }) =>
      processor !== undefined && processor.batchBytesMax > processor.partitionBytesMax,
  },
];

/** The rules that these options break. */
export function brokenRelations(sections: Sections): string[] {
  return RELATIONS.filter(({ isBroken }) => isBroken(sections)).map(({ rule }) => rule);
}
