import { describe, expect, test } from "bun:test";
import { connectHost, loadConfig } from "./config.ts";
import type { Env } from "../process/command.ts";
import { OPTIONS, SERVICE_SECTIONS, type Service } from "./sections.ts";
import { PipelineError } from "../error.ts";
import type { Option } from "./option.ts";

const SERVICES = Object.keys(SERVICE_SECTIONS) as Service[];
const ROWS = Object.values(OPTIONS).flatMap((section) => Object.values<Option<unknown>>(section));

/** The lines of the message of a configuration that must not load. */
function problems(env: Env, service: Service): string[] {
  try {
    loadConfig(env, service);
  } catch (error) {
    if (error instanceof PipelineError && error.code === "config_invalid") {
      return error.message.split("\n").slice(1);
    }
    throw error;
  }
  return [];
}

describe("loadConfig()", () => {
  test.each(SERVICES)("loads %s from an empty environment", (service) => {
    expect(problems({}, service)).toEqual([]);
  });

  test("takes an empty variable for one that is not set", () => {
    expect(loadConfig({ INGEST_PORT: "" }, "ingest").ingest.port).toBe(8081);
  });

  test("reads the sections of its service only", () => {
    expect(Object.keys(loadConfig({ DATABASE_URL: "nonsense" }, "ingest"))).toEqual([
      "kafka",
      "http",
      "ingest",
      "log",
    ]);
  });

  test("gives a value that can't be changed", () => {
    const config = loadConfig({}, "ingest");

    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.ingest)).toBe(true);
  });

  test("names all problems at once", () => {
    const found = problems(
      { INGEST_PORT: "x", KAFKA_BOOTSTRAP_SERVERS: "nowhere", LOG_LEVEL: "loud" },
      "ingest",
    );

    expect(found.map((line) => line.trim().split(" ")[0])).toEqual([
      "KAFKA_BOOTSTRAP_SERVERS",
      "INGEST_PORT",
      "LOG_LEVEL",
    ]);
  });

  test("never shows the value of a secret", () => {
    const [found = ""] = problems({ DATABASE_URL: "mysql://user:hush@host/db" }, "processor");

    expect(found).toContain("DATABASE_URL must be a URL");
    expect(found).not.toContain("hush");
  });

  test("lets AWS_REGION win over AWS_DEFAULT_REGION", () => {
    const region = (env: Env) => loadConfig(env, "processor").archive.region;

    expect(region({ AWS_DEFAULT_REGION: "eu-west-1" })).toBe("eu-west-1");
    expect(region({ AWS_DEFAULT_REGION: "eu-west-1", AWS_REGION: "eu-north-1" })).toBe(
      "eu-north-1",
    );
  });

  const rejected: [env: Env, service: Service][] = [
    [{ INGEST_PORT: "65536" }, "ingest"],
    [{ INGEST_PORT: "-1" }, "ingest"],
    [{ INGEST_PORT: "8081.0" }, "ingest"],
    [{ INGEST_BODY_BYTES_MAX: "10MB" }, "ingest"],
    [{ INGEST_BODY_BYTES_MAX: "0x1000" }, "ingest"],
    [{ INGEST_PROCESSES: "0" }, "ingest"],
    [{ INGEST_CORS_ORIGINS: "*" }, "ingest"],
    [{ INGEST_CORS_ORIGINS: "http://localhost:5173/" }, "ingest"],
    [{ TALLY_HOSTS: "http://tally.example" }, "ingest"],
    [{ TALLY_HOSTS: "tally.example:443" }, "processor"],
    [{ TALLY_HOSTS: "a.example b.example" }, "processor"],
    [{ TALLY_KEEP_ALIVE_SECONDS: "256" }, "ingest"],
    [{ TALLY_KEYS: "yes" }, "ingest"],
    [{ TALLY_OPEN: "true" }, "processor"],
    [{ TALLY_TRUSTED_PROXIES: "proxy" }, "ingest"],
    [{ TALLY_TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/33" }, "processor"],
    [{ KAFKA_TOPIC: ".." }, "ingest"],
    [{ KAFKA_TOPIC: "a b" }, "ingest"],
    [{ KAFKA_SECURITY_PROTOCOL: "tls" }, "ingest"],
    [{ S3_ENABLED: "yes" }, "processor"],
    [{ S3_BUCKET_NAME: "Bad_Name" }, "processor"],
    [{ S3_ENDPOINT: "ftp://host" }, "processor"],
    [{ ARCHIVE_KEY_PREFIX: "/events" }, "processor"],
    [{ DATABASE_SCHEMA: "a;drop" }, "processor"],
  ];
  test.each(rejected)("rejects %j", (env, service) => {
    expect(problems(env, service)).toHaveLength(1);
  });

  const related: [env: Env, service: Service][] = [
    [{ KAFKA_SECURITY_PROTOCOL: "sasl_ssl", KAFKA_SASL_USERNAME: "u" }, "ingest"],
    [{ KAFKA_DLQ_TOPIC: "events" }, "ingest"],
    [{ INGEST_REQUEST_DEADLINE_MS: "20000" }, "ingest"],
    [
      {
        TALLY_KEEP_ALIVE_SECONDS: "30",
        INGEST_REQUEST_DEADLINE_MS: "40000",
        INGEST_SHUTDOWN_MS_MAX: "50000",
      },
      "ingest",
    ],
    [{ INGEST_EVENT_BYTES_MAX: "4096", INGEST_BODY_BYTES_MAX: "2048" }, "ingest"],
    [{ INGEST_BODY_BYTES_MAX: "20000000", INGEST_REQUEST_BYTES_MAX: "10000000" }, "ingest"],
    [{ INGEST_QUEUE_BYTES_MAX: "10000000" }, "ingest"],
    [{ INGEST_QUEUE_RECORDS_MAX: "4999" }, "ingest"],
    [{ INGEST_PROCESSES: "7" }, "ingest"],
    [{ INGEST_PROCESSES: "3", INGEST_REQUESTS_MAX: "2" }, "ingest"],
    [{ INGEST_PUBLISH_LINGER_US: "100000", INGEST_REQUEST_DEADLINE_MS: "100" }, "ingest"],
    [{ DATABASE_STATEMENT_TIMEOUT_MS: "10000" }, "processor"],
    [{ PROCESSOR_PARTITION_RECORDS_MAX: "999" }, "processor"],
    [{ PROCESSOR_BATCH_BYTES_MAX: "9000000" }, "processor"],
  ];
  test.each(related)("rejects %j for what another option says", (env, service) => {
    expect(problems(env, service)).toHaveLength(1);
  });
});

describe("loadConfig() with keys off", () => {
  const open: [env: Env, service: Service, option: string][] = [
    [{ INGEST_HOST: "0.0.0.0" }, "ingest", "INGEST_HOST"],
    [{ INGEST_HOST: "::" }, "ingest", "INGEST_HOST"],
    [{ PROCESSOR_HOST: "10.0.0.5" }, "processor", "PROCESSOR_HOST"],
    [{ TALLY_HOSTS: "tally.example" }, "ingest", "TALLY_HOSTS"],
    [{ TALLY_HOSTS: "localhost, 10.0.0.5" }, "processor", "TALLY_HOSTS"],
    [{ TALLY_TRUSTED_PROXIES: "127.0.0.1" }, "ingest", "TALLY_TRUSTED_PROXIES"],
    [{ TALLY_TRUSTED_PROXIES: "::1/128" }, "processor", "TALLY_TRUSTED_PROXIES"],
    [{ INGEST_HOST: "0.0.0.0" }, "stack", "INGEST_HOST"],
  ];

  test.each(open)("loadConfig() refuses %j and names both ways out", (env, service, option) => {
    const found = problems(env, service);

    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^  ${option} .*TALLY_KEYS=on .*TALLY_OPEN=yes`));
  });

  test.each(open)("loadConfig() takes %j of %s with keys on or TALLY_OPEN=yes", (env, service) => {
    expect(problems({ ...env, TALLY_KEYS: "on" }, service)).toEqual([]);
    expect(problems({ ...env, TALLY_OPEN: "yes" }, service)).toEqual([]);
  });

  test.each(["127.0.0.1", "127.8.8.8", "localhost", "::1"])(
    "loadConfig() lets a service listen on %s",
    (host) => {
      const names = { TALLY_HOSTS: "localhost, tally.localhost, 127.0.0.9, [::1]" };

      expect(problems({ INGEST_HOST: host, ...names }, "ingest")).toEqual([]);
    },
  );
});

describe("OPTIONS", () => {
  test("names no variable twice", () => {
    const names = ROWS.map(({ env }) => env);

    expect(new Set(names).size).toBe(names.length);
  });

  test.each(ROWS.map((row) => [row.env, row] as const))(
    "%s has a default that it accepts",
    (_env, row) => {
      expect(row.default === null || row.parse(row.default).kind === "value").toBe(true);
      expect(row.help).toEndWith(".");
    },
  );
});

test("connections live longer by default than those of balancers, which is 60 s and at times 75", () => {
  expect(loadConfig({}, "ingest").http.keepAliveSeconds).toBeGreaterThan(75);
});

test("connectHost() gives an address that can be connected to when the one to listen on is none", () => {
  const hosts = ["127.0.0.1", "processor", "0.0.0.0", "::", "::1"];

  expect(hosts.map(connectHost)).toEqual([
    "127.0.0.1",
    "processor",
    "127.0.0.1",
    "127.0.0.1",
    "[::1]",
  ]);
});
