import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PipelineError } from "../../error.ts";
import {
  connectAdmin,
  connectConsumer,
  connectProducer,
  findTopicTrouble,
  type KafkaConnection,
  TroubleMemory,
} from "../mod.ts";
import { loadClient } from "../client.ts";
import { startGuardedKafka, type GuardedKafka } from "@tally/stack/testing/guarded_kafka";
import { consumeUntil, consumerOptions, PRODUCER_OPTIONS } from "../testing/test_kafka.ts";
import { publish, testKafka, textRecord, until } from "../testing/test_kafka.ts";

let kafka: GuardedKafka;
beforeAll(async () => {
  kafka = await startGuardedKafka();
}, 60_000);
afterAll(() => kafka.end());

/** What a producer finds out about a connection that fails. */
async function troubleOf(connection: KafkaConnection, asksLeader = false) {
  const troubles = new TroubleMemory(connection, () => performance.now());
  const producer = await connectProducer(connection, {
    ...PRODUCER_OPTIONS,
    connectTimeoutMs: 1000,
    onLog: troubles.noteLine,
  });
  try {
    if (asksLeader) expect(await producer.reachesLeader("guarded", 0, 2000)).toBe(false);
    await until(() => troubles.current !== null, "no trouble was reported");
    return troubles.current?.kind;
  } finally {
    await producer.disconnect(1000);
  }
}

const tls = (): KafkaConnection => ({
  bootstrapServers: kafka.tls,
  securityProtocol: "ssl",
  sslCaLocation: kafka.files.ca,
});

describe("TroubleMemory with a real broker", () => {
  test("names a host name that cannot be resolved", async () => {
    expect(await troubleOf({ bootstrapServers: "nowhere.invalid:9092" })).toBe("name_unresolved");
  });

  test("names a broker that is not there", async () => {
    expect(await troubleOf({ bootstrapServers: "127.0.0.1:1" })).toBe("not_connected");
  });

  test("names a wrong password", async () => {
    expect(await troubleOf(kafka.asUser("tally", "wrong"))).toBe("login_refused");
  });

  test("names a mechanism that the broker does not know", async () => {
    const connection = { ...kafka.asUser("tally"), saslMechanism: "SCRAM-SHA-512" };

    expect(await troubleOf(connection)).toBe("login_refused");
  });

  test("names a certificate that is not trusted", async () => {
    const { sslCaLocation: _, ...connection } = tls();

    expect(await troubleOf(connection)).toBe("certificate_untrusted");
  });

  test("names a client certificate that is missing", async () => {
    expect(await troubleOf(tls())).toBe("tls_failed");
  });

  const login = { saslMechanism: "PLAIN", saslUsername: "tally", saslPassword: "right" };
  const certificate = () => ({
    sslCaLocation: kafka.files.ca,
    sslCertificateLocation: kafka.files.certificate,
    sslKeyLocation: kafka.files.key,
  });
  const PROTOCOLS = {
    plaintext: () => ({ address: kafka.plain, connection: {} }),
    ssl: () => ({ address: kafka.tls, connection: certificate() }),
    sasl_plaintext: () => ({ address: kafka.login, connection: login }),
    sasl_ssl: () => ({
      address: kafka.tlsLogin,
      // The listener for ssl asks for a certificate before anything else.
      connection: { ...login, ...certificate() },
    }),
  } as const;
  const names = Object.keys(PROTOCOLS) as (keyof typeof PROTOCOLS)[];
  const pairs = names.flatMap((used) => names.map((spoken) => [used, spoken] as const));

  test.each(pairs.filter(([used, spoken]) => used !== spoken))(
    "names the wrong protocol: %s at a listener for %s",
    async (used, spoken) => {
      const { connection } = PROTOCOLS[used]();
      const { address } = PROTOCOLS[spoken]();
      const wrong: KafkaConnection = {
        ...connection,
        securityProtocol: used,
        bootstrapServers: address,
      };
      const troubles = new TroubleMemory(wrong, () => performance.now());
      const producer = await connectProducer(wrong, {
        ...PRODUCER_OPTIONS,
        connectTimeoutMs: 1000,
        onLog: troubles.noteLine,
      });
      try {
        await until(() => troubles.current?.kind === "protocol_mismatch", "no mismatch was named");
        expect(troubles.current?.advice).toContain("KAFKA_SECURITY_PROTOCOL");
      } finally {
        await producer.disconnect(1000);
      }
    },
  );

  test("names a listener that advertises another host", async () => {
    const admin = await testKafka(kafka.plain);
    await admin.admin.createTopics([
      { topic: "guarded", partitions: 1, replicationFactor: 1, config: {} },
    ]);
    await admin.close();

    expect(await troubleOf({ bootstrapServers: kafka.elsewhere }, true)).toBe(
      "advertised_elsewhere",
    );
  });
});

describe("a client certificate", () => {
  test("lets a producer publish and a consumer read", async () => {
    const plain = await testKafka(kafka.plain);
    const topic = await plain.newTopic(1);
    const connection = {
      ...tls(),
      sslCertificateLocation: kafka.files.certificate,
      sslKeyLocation: kafka.files.key,
    };
    const producer = await connectProducer(connection, PRODUCER_OPTIONS);
    const [outcome] = await publish(producer, topic, [textRecord("a")]);
    const consumer = await connectConsumer(connection, consumerOptions({ topic }));
    const texts: string[] = [];
    await consumeUntil(
      consumer,
      ({ value }) => texts.push(String(value)),
      () => texts.length > 0,
    );
    await Promise.all([producer.disconnect(2000), consumer.disconnect(2000)]);
    await plain.close();

    expect(outcome).toEqual({ partition: 0, offset: 0n });
    expect(texts).toEqual(["a"]);
  });
});

describe("a topic that does not exist", () => {
  test("is named, and never made by reading or writing", async () => {
    const topic = "never-made";
    const connection = { bootstrapServers: kafka.plain };
    const producer = await connectProducer(connection, {
      ...PRODUCER_OPTIONS,
      messageTimeoutMs: 1500,
    });
    const consumer = await connectConsumer(
      connection,
      consumerOptions({ topic, onError: () => undefined }),
    );

    const before = await producer.readTopic(topic, 5000);
    const trouble = await findTopicTrouble(connection, topic, 5000);
    const [outcome] = await publish(producer, topic, [textRecord("a")]);
    await consumer.consume(1);
    const after = await producer.readTopic(topic, 5000);
    await Promise.all([producer.disconnect(2000), consumer.disconnect(2000)]);

    expect(before).toEqual({ kind: "known", partitions: [] });
    expect(trouble?.kind).toBe("topic_missing");
    expect(outcome).toBeInstanceOf(PipelineError);
    expect(after).toEqual({ kind: "known", partitions: [] });
  });
});

describe("a user without rights", () => {
  test("learns which right is missing", async () => {
    const plain = await testKafka(kafka.plain);
    const topic = await plain.newTopic(1);
    const connection = kafka.asUser("limited");
    const admin = await connectAdmin(connection);
    const described = await admin.describeTopic(topic).catch((error: unknown) => error);
    const trouble = await findTopicTrouble(connection, topic, 5000);
    const errors: PipelineError[] = [];
    const consumer = await connectConsumer(
      connection,
      consumerOptions({ topic, onError: (error) => void errors.push(error) }),
    );
    await until(async () => {
      await consumer.consume(1);
      return errors.some(({ code }) => code === "broker_misconfigured");
    }, "the consumer reported no missing right");
    await Promise.all([admin.disconnect(), consumer.disconnect(2000)]);
    await plain.close();

    expect(described).toMatchObject({
      code: "broker_misconfigured",
      remedy: expect.stringContaining("ACLs"),
    });
    expect(trouble).toMatchObject({ kind: "topic_refused" });
  });
});

describe("records in a codec that the client was built without", () => {
  test("are named to the operator, and not skipped", async () => {
    const { features } = await loadClient();
    const plain = await testKafka(kafka.plain);
    const topic = await plain.newTopic(1, { "compression.type": "zstd" });
    const producer = await plain.producer();
    await publish(producer, topic, [textRecord("a".repeat(1000))]);
    const errors: PipelineError[] = [];
    const texts: string[] = [];
    const consumer = await connectConsumer(
      { bootstrapServers: kafka.plain },
      consumerOptions({ topic, onError: (error) => void errors.push(error) }),
    );

    await until(async () => {
      texts.push(...(await consumer.consume(1)).map(({ value }) => String(value)));
      return texts.length + errors.length > 0;
    }, "neither the record nor an error came");
    await consumer.disconnect(2000);
    await plain.close();

    // It depends on the machine whether the client has the codec.
    const isBuiltIn = features.includes("zstd");
    expect(texts).toHaveLength(isBuiltIn ? 1 : 0);
    expect(errors).toMatchObject(
      isBuiltIn
        ? []
        : [{ code: "broker_misconfigured", remedy: expect.stringContaining("libzstd-dev") }],
    );
  });
});

describe("properties of librdkafka", () => {
  test.each([
    ["no.such.property", "1", "KAFKA_RDKAFKA_NO_SUCH_PROPERTY"],
    ["socket.keepalive.enable", "perhaps", "KAFKA_RDKAFKA_SOCKET_KEEPALIVE_ENABLE"],
    ["compression.level", "99", "KAFKA_RDKAFKA_COMPRESSION_LEVEL"],
  ])("are refused by name when %s is %s", async (name, value, variable) => {
    const connection = { bootstrapServers: kafka.plain, properties: { [name]: value } };

    const producer = await connectProducer(connection, PRODUCER_OPTIONS).catch(keep);
    const admin = await connectAdmin(connection).catch(keep);

    for (const error of [producer, admin]) {
      expect(error).toMatchObject({ code: "config_invalid" });
      expect((error as Error).message).toContain(variable);
    }
  });

  test("reach the client when they are allowed", async () => {
    const connection = {
      bootstrapServers: kafka.plain,
      properties: { "request.timeout.ms": "5000", "compression.type": "gzip", "client.id": "mine" },
    };
    const plain = await testKafka(kafka.plain);
    const topic = await plain.newTopic(1);

    const producer = await connectProducer(connection, PRODUCER_OPTIONS);
    const [outcome] = await publish(producer, topic, [textRecord("a")]);
    await producer.disconnect(2000);
    await plain.close();

    expect(outcome).toEqual({ partition: 0, offset: 0n });
  });
});

const keep = (error: unknown) => error;
