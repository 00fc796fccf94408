/** The network breaks: resets, black holes, slowness, cuts in the middle of an answer. */
import type { ProxyMode, TcpProxy } from "@tally/stack/testing/tcp_proxy";

import type { Fault, Trial } from "../fault.ts";
import { demandRetryAfter, demandSteadyIngest } from "./demands.ts";

const MODES: readonly (readonly [name: string, mode: ProxyMode])[] = [
  ["resets", { kind: "reset" }],
  ["a black hole", { kind: "hold", direction: "both" }],
  ["slowness", { kind: "slow", delayMs: 200 }],
  ["cuts", { kind: "cut", afterBytes: 3000 }],
];

export const kafkaNetwork: Fault = {
  name: "kafka-network",
  title: "resets, black hole, slowness and cuts between all clients and Kafka",
  isShort: false,
  async run(trial) {
    const load = trial.load({ eventsPerSecond: 1000 });
    await trial.randomPause(1000, 2000);
    const { kafkaProxy } = trial.system;
    if (kafkaProxy === null) throw new Error("Cannot break the network: Kafka has no proxy");
    await breakNetwork(trial, [kafkaProxy], 6000);
    trial.repaired();
    await Bun.sleep(2000);
    await load.stop();
    demandRetryAfter(trial, load);
  },
};

export const postgresNetwork: Fault = {
  name: "postgres-network",
  title: "resets, black hole, slowness and cuts between processor and PostgreSQL",
  isShort: false,
  async run(trial) {
    const load = trial.load({ eventsPerSecond: 1000 });
    await trial.randomPause(1000, 2000);
    const proxies = trial.system.processors.flatMap(({ postgres }) => postgres ?? []);
    await breakNetwork(trial, proxies, 6000);
    trial.repaired();
    await Bun.sleep(1000);
    await load.stop();
    demandSteadyIngest(trial, load);
  },
};

/** Breaks the network in one way after the other, with a healthy moment between them. */
async function breakNetwork(
  { hadEffect, randomPause }: Trial,
  proxies: readonly TcpProxy[],
  lastsMs: number,
): Promise<void> {
  const interventions = () => proxies.reduce((sum, proxy) => sum + proxy.interventions, 0);
  for (const [name, mode] of MODES) {
    const before = interventions();
    for (const proxy of proxies) proxy.set(mode);
    await Bun.sleep(lastsMs);
    for (const proxy of proxies) proxy.set({ kind: "pass" });
    hadEffect(`connections with ${name}`, interventions() - before);
    await randomPause(1000, 2500);
  }
}
