/** What an operator may get wrong with Kafka, for the tests of both services. Test support. */
import type { GuardedKafka } from "@tally/stack/testing/guarded_kafka";

/** Options with one mistake, and how a service must name it. */
export interface KafkaMistake {
  readonly title: string;
  /** The options of a service, as environment variables. */
  options(kafka: GuardedKafka): Record<string, string>;
  /** Words of the remedy that logs and health must show. */
  readonly remedy: string;
}

/** Options that log in with the right password, so that a test can spoil one of them. */
export function loginOptions({ login }: GuardedKafka): Record<string, string> {
  return {
    KAFKA_BOOTSTRAP_SERVERS: login,
    KAFKA_SECURITY_PROTOCOL: "sasl_plaintext",
    KAFKA_SASL_MECHANISM: "PLAIN",
    KAFKA_SASL_USERNAME: "tally",
    KAFKA_SASL_PASSWORD: "right",
  };
}

/** The mistakes that both services must name in the same words. */
export const KAFKA_MISTAKES: readonly KafkaMistake[] = [
  {
    title: "a topic that does not exist",
    options: ({ plain }) => ({ KAFKA_BOOTSTRAP_SERVERS: plain, KAFKA_TOPIC: "never-made" }),
    remedy: "topic does not exist",
  },
  {
    title: "a wrong password",
    options: (kafka) => ({ ...loginOptions(kafka), KAFKA_SASL_PASSWORD: "wrong" }),
    remedy: "refused the login",
  },
  {
    title: "no login at a listener that wants one",
    options: ({ login }) => ({ KAFKA_BOOTSTRAP_SERVERS: login }),
    remedy:
      "speaks sasl_plaintext, with a login by PLAIN, and KAFKA_SECURITY_PROTOCOL is plaintext",
  },
  {
    title: "a login at a listener that wants none",
    options: (kafka) => ({ ...loginOptions(kafka), KAFKA_BOOTSTRAP_SERVERS: kafka.plain }),
    remedy: "KAFKA_SECURITY_PROTOCOL",
  },
  {
    title: "no TLS at a listener that wants it",
    options: ({ tls }) => ({ KAFKA_BOOTSTRAP_SERVERS: tls }),
    remedy: "speaks ssl or sasl_ssl, and KAFKA_SECURITY_PROTOCOL is plaintext",
  },
  {
    title: "TLS at a listener without it",
    options: ({ plain }) => ({ KAFKA_BOOTSTRAP_SERVERS: plain, KAFKA_SECURITY_PROTOCOL: "ssl" }),
    remedy: "KAFKA_SECURITY_PROTOCOL",
  },
  {
    title: "a certificate that is not trusted",
    options: ({ tls }) => ({ KAFKA_BOOTSTRAP_SERVERS: tls, KAFKA_SECURITY_PROTOCOL: "ssl" }),
    remedy: "KAFKA_SSL_CA_LOCATION",
  },
];
