/**
 * How the properties that an operator sets reach a client: they win over the project's
 * defaults. shared/config/kafka_properties.ts has refused those that must not change.
 */
import { variableOf } from "../config/kafka_properties.ts";
import { PipelineError } from "../error.ts";
import type { ClientConfig } from "./client.ts";
import { connectionConfig, type KafkaConnection, readClientError } from "./connection.ts";

/** Properties of topics: the client ignores them in its first argument. */
const TOPIC_PROPERTIES: readonly string[] = ["request.timeout.ms", "compression.level"];

/** The first argument of a client: connection, then `own`, then the operator's properties. */
export function globalConfig(connection: KafkaConnection, own: ClientConfig): ClientConfig {
  const { properties = {} } = connection;
  return { ...connectionConfig(connection), ...own, ...pick(properties, false) };
}

/** The second argument of a client. */
export function topicConfig(connection: KafkaConnection, own: ClientConfig): ClientConfig {
  return { ...own, ...pick(connection.properties ?? {}, true) };
}

/** The error about options that the client refuses, with the variable that holds the property. */
export function optionsError(cause: unknown, { properties = {} }: KafkaConnection): PipelineError {
  const { message } = readClientError(cause);
  const property = Object.keys(properties).find((name) => message.includes(name));
  const variable = property === undefined ? "" : `, see ${variableOf(property)}`;
  return new PipelineError(
    "config_invalid",
    `Cannot use the Kafka options: ${message}${variable}`,
    { cause },
  );
}

function pick(properties: Readonly<Record<string, string>>, isOfTopic: boolean): ClientConfig {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => TOPIC_PROPERTIES.includes(name) === isOfTopic),
  );
}
