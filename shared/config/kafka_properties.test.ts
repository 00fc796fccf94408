import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { loadConfig } from "./config.ts";
import { refusedProperties, variableOf } from "./kafka_properties.ts";

/** The names in librdkafka's own documentation, as it was published with the client. */
function documentedNames(): ReadonlySet<string> {
  const entry = createRequire(import.meta.url).resolve("@confluentinc/kafka-javascript");
  const path = join(dirname(entry), "..", "deps", "librdkafka", "CONFIGURATION.md");
  const rows = readFileSync(path, "utf8").split("\n").slice(5);
  return new Set(rows.map((row) => row.split("|")[0]?.trim() ?? ""));
}

/** Left out of the documentation, and known to librdkafka all the same. */
const UNDOCUMENTED = ["test.mock.num.brokers", "test.mock.broker.rtt"];

describe("KAFKA_RDKAFKA_<PROPERTY>", () => {
  test("loadConfig() reads properties by librdkafka's names", () => {
    const { kafka } = loadConfig(
      { KAFKA_RDKAFKA_SOCKET_KEEPALIVE_ENABLE: "true", KAFKA_RDKAFKA_CLIENT_ID: "" },
      "ingest",
    );

    expect(kafka.properties).toEqual({ "socket.keepalive.enable": "true" });
  });

  test("loadConfig() refuses every property that a promise rests on, by the variable's name", () => {
    const env = Object.fromEntries(
      refusedProperties().map(([name]) => [variableOf(name), "some-secret"]),
    );

    const load = () => loadConfig(env, "processor");

    for (const name of Object.keys(env)) expect(load).toThrow(`${name} can't be set: `);
    expect(load).not.toThrow("some-secret");
  });

  test("loadConfig() refuses what only OAUTHBEARER uses, and offers no file for its secret", () => {
    const secret = "KAFKA_RDKAFKA_SASL_OAUTHBEARER_CLIENT_SECRET";

    const problem = "can't be set: OAUTHBEARER is not supported";
    expect(() => loadConfig({ [secret]: "hush" }, "ingest")).toThrow(`${secret} ${problem}`);
    const file = { [`${secret}_FILE`]: "/run/secrets/hush" };
    expect(() => loadConfig(file, "ingest")).toThrow(`${secret}_FILE ${problem}`);
  });

  test("loadConfig() refuses a variable that is not in capitals", () => {
    const load = () => loadConfig({ "KAFKA_RDKAFKA_socket.timeout.ms": "1" }, "ingest");

    expect(load).toThrow("KAFKA_RDKAFKA_socket.timeout.ms must be in capitals");
  });

  test("every refused property is one that librdkafka knows", () => {
    const names = documentedNames();

    expect(names.size).toBeGreaterThan(150);
    const unknown = refusedProperties().filter(([name]) => !names.has(name));
    expect(unknown.map(([name]) => name)).toEqual(UNDOCUMENTED);
  });
});

describe("KAFKA_SSL_ options", () => {
  test.each([
    [{ KAFKA_SSL_CERTIFICATE_LOCATION: "c.pem" }, "must be set together"],
    [{ KAFKA_SSL_CA_LOCATION: "ca.pem" }, "KAFKA_SECURITY_PROTOCOL must be ssl or sasl_ssl"],
  ])("loadConfig() refuses %p", (env, problem) => {
    expect(() => loadConfig(env, "ingest")).toThrow(problem);
  });
});
