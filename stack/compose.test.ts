/**
 * compose.yml against what it must agree with: the options' names and defaults, the topics'
 * settings, the local stack. dockerfile.test.ts has the images.
 */
import { describe, expect, test } from "bun:test";
import { loadConfig, OPTIONS } from "@tally/shared";
import { join } from "node:path";
import { parse } from "yaml";

import { memorySettings } from "./servers/postgres_memory.ts";
import { TOPIC_CONFIG } from "./servers/topics.ts";

interface Service {
  readonly image: string;
  readonly build?: { readonly target: string };
  readonly restart: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly command?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly read_only?: boolean;
  readonly mem_limit?: string;
}

const root = join(import.meta.dir, "..");
const composeText = await Bun.file(join(root, "compose.yml")).text();
const compose = parse(composeText, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const { services } = compose;
const ONE_SHOTS = ["topics", "bucket"];
const BUILT = ["ingest", "processor"] as const;

/** The environment of a service as Compose makes it when `.env` says `dotenv`. */
function environmentOf(name: string, dotenv: Record<string, string> = {}): Record<string, string> {
  const filled = Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [
    key,
    filledIn(String(value), dotenv),
  ]);
  return { ...dotenv, ...Object.fromEntries(filled) };
}

/** A text with its variables replaced. */
function filledIn(text: string, dotenv: Record<string, string> = {}): string {
  return text.replaceAll(/\$\{(\w+)(:?-)([^}]*)\}/g, (_, variable, operator, fallback) => {
    const set = dotenv[variable];
    return set === undefined || (operator === ":-" && set === "") ? fallback : set;
  });
}

describe("services", () => {
  test("compose.yml has the parts and the one-shot steps", () => {
    expect(Object.keys(services).toSorted()).toEqual(
      ["kafka", "topics", "postgres", "s3", "bucket", ...BUILT].toSorted(),
    );
  });

  test.each(Object.entries(services))("compose.yml pins the image of %s", (_, service) => {
    if (service.build !== undefined) return;

    expect(service.image).toMatch(/:v?\d+\.\d+(\.\d+)?$/);
  });

  test.each(Object.entries(services))(
    "compose.yml restarts %s and knows its health",
    (name, it) => {
      expect(it.restart).toBe(ONE_SHOTS.includes(name) ? "on-failure" : "unless-stopped");
      expect(it.healthcheck === undefined).toBe(ONE_SHOTS.includes(name));
    },
  );

  test.each(Object.entries(services))("compose.yml lets %s wait for the right thing", (_, it) => {
    for (const [other, { condition }] of Object.entries(it.depends_on ?? {})) {
      expect(services[other]).toBeDefined();
      expect(condition).toBe(
        ONE_SHOTS.includes(other) ? "service_completed_successfully" : "service_healthy",
      );
    }
  });

  test.each(Object.entries(services))(
    "compose.yml gives %s nothing but texts in its lists",
    (_, it) => {
      const { command = [], ports = [], volumes = [], healthcheck } = it;
      const items: unknown[] = [...command, ...ports, ...volumes, ...(healthcheck?.test ?? [])];

      expect(items.filter((item) => typeof item !== "string")).toEqual([]);
    },
  );

  test("compose.yml keeps data in named volumes that it declares", () => {
    const used = Object.values(services).flatMap(({ volumes }) => volumes ?? []);

    const names = new Set(used.map((volume) => volume.split(":")[0] ?? ""));

    expect([...names].toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
  });
});

describe("confinement", () => {
  test.each(Object.entries(services))(
    "compose.yml takes from %s what it does not need",
    (name, it) => {
      expect(it.cap_drop).toEqual(["ALL"]);
      expect(it.security_opt).toEqual(["no-new-privileges:true"]);
      expect(filledIn(it.mem_limit ?? "")).toMatch(/^\d+[mg]$/);
      // The images of Kafka and PostgreSQL write beside their data.
      const writes = ["kafka", "topics", "postgres"].includes(name);
      expect(it.read_only ?? false).toBe(!writes);
    },
  );

  /** Folders that the images declare as volumes. */
  const DECLARED: Readonly<Record<string, readonly string[]>> = {
    "apache/kafka": ["/etc/kafka/secrets", "/mnt/shared/config", "/var/lib/kafka/data"],
    postgres: ["/var/lib/postgresql"],
  };

  test.each(Object.entries(services))(
    "compose.yml makes %s leave no volume without a name",
    (_, it) => {
      const declared = DECLARED[it.image.split(":")[0] ?? ""] ?? [];

      const mounted = [
        ...(it.volumes ?? []).map((volume) => volume.split(":")[1]),
        ...(it.tmpfs ?? []),
      ];

      expect(mounted).toEqual(expect.arrayContaining([...declared]));
    },
  );

  test("compose.yml asks PostgreSQL's health of the database that events go to", () => {
    const command = services.postgres?.healthcheck?.test.join(" ");

    expect(command).toContain('psql -h 127.0.0.1 -U "$$POSTGRES_USER" -d "$$POSTGRES_DB"');
  });
});

describe("memory", () => {
  const settingsWith = (dotenv: Record<string, string> = {}) => {
    const [program, ...words] = services.postgres?.command ?? [];
    expect(program).toBe("postgres");
    const settings = words.filter((word) => word !== "-c").map((word) => filledIn(word, dotenv));
    expect(words.filter((word) => word === "-c")).toHaveLength(settings.length);
    return Object.fromEntries(settings.map((setting) => setting.split("=")));
  };

  test("compose.yml gives PostgreSQL the settings that follow from its container's limit", () => {
    const limit = /^(\d+)g$/.exec(filledIn(services.postgres?.mem_limit ?? ""))?.[1];

    expect(settingsWith()).toEqual(memorySettings(Number(limit) * 1024 ** 3));
  });

  test("compose.yml takes PostgreSQL's limit and settings from .env", () => {
    const { postgres } = services;
    const dotenv = {
      POSTGRES_MEMORY: "8g",
      POSTGRES_SHARED_BUFFERS: "2048MB",
      POSTGRES_EFFECTIVE_CACHE_SIZE: "4096MB",
      POSTGRES_MAX_WAL_SIZE: "8192MB",
    };

    expect(filledIn(postgres?.mem_limit ?? "", dotenv)).toBe("8g");
    expect(settingsWith(dotenv)).toEqual(memorySettings(8 * 1024 ** 3));
  });
});

describe("addresses", () => {
  test("compose.yml publishes the ports of the options' defaults, on 127.0.0.1 alone", () => {
    const { ingest, processor, stack } = OPTIONS;
    const published = Object.values(services).flatMap(({ ports }) => ports ?? []);

    expect(published.toSorted()).toEqual(
      [
        `127.0.0.1:${stack.kafkaPort.default}:9092`,
        `127.0.0.1:${stack.postgresPort.default}:5432`,
        `127.0.0.1:${stack.s3Port.default}:9000`,
        `127.0.0.1:${ingest.port.default}:${ingest.port.default}`,
        `127.0.0.1:${processor.port.default}:${processor.port.default}`,
      ].toSorted(),
    );
  });

  test("compose.yml makes the database that DATABASE_URL names by default", () => {
    const { username, password, pathname } = new URL(String(OPTIONS.database.url.default));

    expect(environmentOf("postgres")).toEqual({
      POSTGRES_USER: username,
      POSTGRES_PASSWORD: password,
      POSTGRES_DB: pathname.slice(1),
    });
    const inside = new URL(environmentOf("processor").DATABASE_URL ?? "");
    expect([inside.username, inside.password, inside.pathname, inside.host]).toEqual([
      username,
      password,
      pathname,
      "postgres:5432",
    ]);
  });

  test("compose.yml advertises Kafka inside and outside as its users reach it", () => {
    const { KAFKA_ADVERTISED_LISTENERS } = environmentOf("kafka");

    const inside = environmentOf("ingest").KAFKA_BOOTSTRAP_SERVERS;

    expect(KAFKA_ADVERTISED_LISTENERS).toBe(
      `INTERNAL://${inside},HOST://${OPTIONS.kafka.bootstrapServers.default}`,
    );
    expect(environmentOf("processor").KAFKA_BOOTSTRAP_SERVERS).toBe(inside ?? "");
  });
});

describe("options", () => {
  const names = new Set(
    Object.values(OPTIONS).flatMap((section) => Object.values(section).map(({ env }) => env)),
  );

  test.each([...BUILT])("compose.yml gives %s nothing but options and AWS keys", (name) => {
    const unknown = Object.keys(services[name]?.environment ?? {}).filter(
      (variable) => !names.has(variable) && !variable.startsWith("AWS_"),
    );

    expect(unknown).toEqual([]);
  });

  test.each([...BUILT])("loadConfig() accepts the environment of %s", (name) => {
    expect(() => loadConfig(environmentOf(name), name)).not.toThrow();
  });

  test("compose.yml keeps the defaults of topic, bucket, region and partitions", () => {
    const { archive } = loadConfig(environmentOf("processor"), "processor");

    expect(archive).toMatchObject({
      bucket: OPTIONS.archive.bucket.default,
      region: OPTIONS.archive.region.default,
      endpoint: "http://s3:9000",
    });
    expect(environmentOf("bucket").BUCKET).toBe(String(OPTIONS.archive.bucket.default));
    expect(environmentOf("topics")).toMatchObject({
      EVENTS_TOPIC: OPTIONS.kafka.topic.default,
      DLQ_TOPIC: OPTIONS.kafka.dlqTopic.default,
      PARTITIONS: OPTIONS.stack.partitions.default,
    });
  });

  test("compose.yml archives to AWS when .env has an empty S3_ENDPOINT and keys", () => {
    const dotenv = { S3_ENDPOINT: "", S3_BUCKET_NAME: "mine", AWS_ACCESS_KEY_ID: "key" };

    const environment = environmentOf("processor", dotenv);

    expect(environment.AWS_ACCESS_KEY_ID).toBe("key");
    expect(loadConfig(environment, "processor").archive).toMatchObject({
      bucket: "mine",
      endpoint: null,
    });
  });

  test("compose.yml makes topics with the settings of the local stack", () => {
    const script = services.topics?.command?.join("\n") ?? "";

    const settings = [...script.matchAll(/--config (\S+)=(\S+)/g)].map(([, key, value]) => [
      key,
      value,
    ]);

    expect(Object.fromEntries(settings)).toEqual(TOPIC_CONFIG);
  });
});
