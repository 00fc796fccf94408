/** The servers that all faults of a run share. */
import { join } from "node:path";
import type { Stack } from "@tally/stack";
import { endStack, freePort, LOOPBACK, ownStack } from "@tally/stack/testing";

import { startTcpProxy, type TcpProxy } from "@tally/stack/testing/tcp_proxy";

/** The servers of a run, with the proxy that all of Kafka's clients go through. */
export interface Servers {
  readonly stack: Stack;
  readonly kafkaProxy: TcpProxy;
  /** Where services and drivers find their programs. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const ROOT = join(import.meta.dir, "..", "..");

/** Kafka tells its clients to come through the proxy; so the proxy's port comes first. */
export async function startServers(env: Servers["env"]): Promise<Servers> {
  const [kafkaPort, proxyPort] = [await freePort(), await freePort()];
  const target = { host: LOOPBACK, port: kafkaPort };
  const kafkaProxy = await startTcpProxy({ host: LOOPBACK, port: proxyPort, target });
  try {
    const ports = { kafka: kafkaPort };
    const stack = await ownStack({ ports, kafkaAdvertisedPort: proxyPort });
    return { stack, kafkaProxy, root: ROOT, env };
  } catch (error) {
    await kafkaProxy.stop();
    throw error;
  }
}

/** Stops them and removes their data. */
export async function stopServers({ stack, kafkaProxy }: Servers): Promise<void> {
  await kafkaProxy.stop();
  await endStack(stack);
}
