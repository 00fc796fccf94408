/**
 * A Kafka of several brokers, for tests of what one broker cannot show: another leader,
 * replicas that are missing, a rolling restart. Small heaps: all share this machine.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { userCacheFolder } from "../servers/jars.ts";
import { createKafka, newClusterId, type KafkaServer } from "../servers/kafka.ts";
import { freePort } from "../machine/ports.ts";

/** All brokers as one server: `start()` starts those that do not run. */
export interface KafkaCluster extends KafkaServer {
  /** In the order of their ids, from 1. */
  readonly brokers: readonly KafkaServer[];
  /** Stops all of them and removes their data. */
  end(): Promise<void>;
}

/** Starts brokers on free ports. */
export async function startKafkaCluster(
  count: number,
  env: Readonly<Record<string, string | undefined>>,
): Promise<KafkaCluster> {
  const folder = await mkdtemp(join(tmpdir(), "tally-cluster-"));
  const controllerPorts = await freePorts(count);
  const ports = await freePorts(count);
  const clusterId = newClusterId();
  const brokers = ports.map((port, index) =>
    createKafka({
      folder: join(folder, String(index + 1)),
      port,
      env,
      cacheFolder: userCacheFolder(env),
      onProgress: () => undefined,
      member: { id: index + 1, clusterId, controllerPorts },
    }),
  );
  const each = async (work: (broker: KafkaServer) => Promise<unknown>): Promise<void> => {
    await Promise.all(brokers.map(work));
  };
  const cluster: KafkaCluster = {
    brokers,
    bootstrapServers: brokers.map(({ bootstrapServers }) => bootstrapServers).join(","),
    logPath: brokers[0]?.logPath ?? "",
    get pid() {
      return brokers[0]?.pid;
    },
    start: () => each((broker) => broker.start()),
    stop: () => each((broker) => broker.stop()),
    kill: () => each((broker) => broker.kill()),
    async endLeftovers() {
      const ended = await Promise.all(brokers.map((broker) => broker.endLeftovers()));
      return ended.reduce((sum, number) => sum + number, 0);
    },
    async end() {
      // Their data is removed: nothing has to be written down first.
      await cluster.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await cluster.start();
  } catch (error) {
    await cluster.end();
    throw error;
  }
  return cluster;
}

/** Different ones: a port is free until it is taken. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
