/** Apache Kafka as one JVM: broker and controller in one (KRaft), data in one folder. */
import { runCommand } from "@tally/shared";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { prepareJvm } from "./class_data.ts";
import { StackError } from "../machine/error.ts";
import { fetchJars, type JarsOptions, type Program } from "./jars.ts";
import { findJava } from "./java.ts";
import { answersMetadata } from "./kafka_metadata.ts";
import { freePort, LOOPBACK } from "../machine/ports.ts";
import { createServerProcess, type OnEnded, type Server } from "../machine/server_process.ts";

/** A Kafka that runs here. */
export interface KafkaServer extends Server {
  readonly bootstrapServers: string;
}

/** What a part of the stack needs to know. */
export interface PartOptions extends JarsOptions {
  /** Folder of the whole stack; each part makes its own folder in it. */
  readonly folder: string;
  readonly port: number;
  readonly onEnded?: OnEnded;
}

/** What Kafka needs to know. */
export interface KafkaOptions extends PartOptions {
  /** Port of a proxy that clients connect to; Kafka's own port when absent. */
  readonly advertisedPort?: number;
  /** Its place in a cluster of several; alone when absent. */
  readonly member?: ClusterMember;
  /** Listeners besides the plain one, by name, for tests. */
  readonly listeners?: Readonly<Record<string, ExtraListener>>;
  /** Further lines of server.properties; they win. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** One broker of several. Each is a controller, too. */
export interface ClusterMember {
  /** From 1. */
  readonly id: number;
  readonly clusterId: string;
  /** Ports of the controllers of all members, in the order of their ids. */
  readonly controllerPorts: readonly number[];
}

export interface ExtraListener {
  readonly port: number;
  /** host:port that clients get; the listener's own when absent. */
  readonly advertised?: string;
}

/** What is fetched. */
export const KAFKA: Program = {
  name: "kafka",
  version: "4.1.0",
  artifacts: [
    { groupId: "org.apache.kafka", artifactId: "kafka_2.13", version: "4.1.0" },
    // Kafka's own choice of logger needs a configuration file; this one writes to stderr.
    { groupId: "org.slf4j", artifactId: "slf4j-simple", version: "1.7.36" },
  ],
};

/** Makes the handle; nothing runs before `start()`. */
export function createKafka(options: KafkaOptions): KafkaServer {
  const home = join(options.folder, "kafka");
  const marker = `-Dtally.kafka=${home}`;
  const server = createServerProcess(
    {
      name: "Kafka",
      logPath: join(options.folder, "logs", "kafka.log"),
      stopSignal: "SIGTERM",
      stopMsMax: 15_000,
      readyMsMax: 120_000,
      isOurs: (argv) => argv.includes(marker) && argv.includes("kafka.Kafka"),
      prepare: async () => {
        const java = await findJava(options.env);
        const jars = await fetchJars(KAFKA, options);
        await mkdir(home, { recursive: true });
        const properties = join(home, "server.properties");
        await format({ java: java.path, jars, home, options });
        await writeFile(properties, await serverProperties(home, options));
        const heap = options.member === undefined ? HEAP_FLAGS : MEMBER_HEAP_FLAGS;
        const args = [
          ...heap,
          ...JVM_FLAGS,
          marker,
          "-cp",
          join(jars, "*"),
          "kafka.Kafka",
          properties,
        ];
        return prepareJvm({ java, jars, home, args, env: options.env });
      },
      isReady: () => answersMetadata({ host: LOOPBACK, port: options.port }),
      ...(options.signal ? { signal: options.signal } : {}),
    },
    options.onEnded,
  );
  return Object.defineProperties(server, {
    bootstrapServers: { value: `${LOOPBACK}:${options.port}`, enumerable: true },
  }) as KafkaServer;
}

/**
 * 512 MiB is enough for one broker of a demo. 192 MiB are the young generation, because nearly all
 * garbage comes from requests: a collection halts the broker for 7 to 9 ms, and with the default of
 * 40 MiB there was one per second at 5,000 requests per second (measured). The heap starts large
 * enough for this.
 */
const HEAP_FLAGS = ["-Xmx512m", "-Xms320m", "-Xmn192m"];

/** For one of several brokers, which tests run at once. // chosen */
const MEMBER_HEAP_FLAGS = ["-Xmx256m", "-Xms96m", "-Xmn48m"];

const JVM_FLAGS = [
  "-XX:+UseSerialGC",
  "-Djava.awt.headless=true",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.showDateTime=true",
];

/** Gives the folder its cluster id, once; a kill in the middle leaves it unformatted. */
async function format(parts: {
  java: string;
  jars: string;
  home: string;
  options: KafkaOptions;
}): Promise<void> {
  const { java, jars, home, options } = parts;
  const logs = join(home, "log");
  if (await stat(logs).catch(() => null)) return;
  options.onProgress("formatting Kafka's folder");
  const fresh = join(home, "log.new");
  await rm(fresh, { recursive: true, force: true });
  const properties = join(home, "format.properties");
  await writeFile(properties, await serverProperties(home, options, fresh));
  const clusterId = options.member?.clusterId ?? newClusterId();
  const command = [
    java,
    "-Xmx128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
    "-cp",
    join(jars, "*"),
    "kafka.tools.StorageTool",
    "format",
    "-t",
    clusterId,
    "-c",
    properties,
  ];
  const { exitCode, output } = await runCommand(command, { env: options.env });
  if (exitCode !== 0) {
    throw new StackError("command_failed", `Kafka's folder could not be formatted: ${output}`);
  }
  await rename(fresh, logs);
}

/** An id as Kafka makes them. */
export function newClusterId(): string {
  const id = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url");
  return id.replace(/^-/, "A");
}

/** Written before each start, because a controller alone gets a new free port each time. */
async function serverProperties(
  home: string,
  { port, advertisedPort = port, member, listeners = {}, properties = {} }: KafkaOptions,
  logs = join(home, "log"),
): Promise<string> {
  const { id = 1, controllerPorts = [await freePort()] } = member ?? {};
  const voters = controllerPorts.map((voter, index) => `${index + 1}@${LOOPBACK}:${voter}`);
  // Topics of the brokers themselves survive the loss of one member.
  const replicas = Math.min(3, controllerPorts.length);
  const extra = Object.entries(listeners);
  const rows = {
    "process.roles": "broker,controller",
    "node.id": id,
    "controller.quorum.voters": voters.join(","),
    listeners: [
      `PLAINTEXT://${LOOPBACK}:${port}`,
      `CONTROLLER://${LOOPBACK}:${controllerPorts[id - 1]}`,
      ...extra.map(([name, listener]) => `${name}://${LOOPBACK}:${listener.port}`),
    ].join(","),
    "advertised.listeners": [
      `PLAINTEXT://${LOOPBACK}:${advertisedPort}`,
      ...extra.map(
        ([name, { port: own, advertised }]) => `${name}://${advertised ?? `${LOOPBACK}:${own}`}`,
      ),
    ].join(","),
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "log.dirs": logs,
    "offsets.topic.replication.factor": replicas,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": replicas,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": replicas,
    "share.coordinator.state.topic.min.isr": 1,
    "auto.create.topics.enable": false,
    "group.initial.rebalance.delay.ms": 0,
    // After a kill -9 the controller refuses the new broker until the session of the old one ends.
    // Measured: back after 5 s; with the default session of 9 s after 13 s.
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 500,
    // Fewer threads than the defaults, 8 and 3: each request wakes one, which only costs on two
    // shared cores. A fifth less CPU per request (measured).
    "num.io.threads": 2,
    "num.network.threads": 1,
    ...properties,
  };
  return Object.entries(rows)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}
