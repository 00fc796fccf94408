/** Kafka, PostgreSQL and S3 for systems that get broken on purpose. */
import type { Stack } from "@tally/stack";
import { endStack, freePort, LOOPBACK, ownStack } from "@tally/stack/testing";
import { startTcpProxy, type TcpProxy } from "@tally/stack/testing/tcp_proxy";

/** A separate stack, and the proxy that every Kafka client goes through. */
export interface BreakableServers {
  readonly stack: Stack;
  readonly kafkaProxy: TcpProxy;
}

/** Starts them. Kafka advertises the proxy's port, so the proxy starts first. */
export async function startBreakableServers(): Promise<BreakableServers> {
  const [kafkaPort, proxyPort] = [await freePort(), await freePort()];
  const target = { host: LOOPBACK, port: kafkaPort };
  const kafkaProxy = await startTcpProxy({ host: LOOPBACK, port: proxyPort, target });
  try {
    const ports = { kafka: kafkaPort };
    return { stack: await ownStack({ ports, kafkaAdvertisedPort: proxyPort }), kafkaProxy };
  } catch (error) {
    await kafkaProxy.stop();
    throw error;
  }
}

/** Stops them and removes their data. */
export async function stopServers({ stack, kafkaProxy }: BreakableServers): Promise<void> {
  await kafkaProxy.stop();
  await endStack(stack);
}
