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

/** What the link to Kafka carries, and how long it is narrow, ms of the clock. */
const LINK_BYTES_PER_SECOND = 50_000;
const NARROW_MS = 25_000;
/** Half of what the link carries. A record of this load has about 250 bytes. */
const STORED_MIN = ((LINK_BYTES_PER_SECOND / 250) * NARROW_MS) / 1000 / 2;

export const kafkaSlowLink: Fault = {
  name: "kafka-slow-link",
  title: "a link of 50 KB/s to Kafka, 100 connections with batches of 100",
  isShort: false,
  async run(trial) {
    const { kafkaProxy } = trial.system;
    if (kafkaProxy === null) throw new Error("Cannot slow the link: Kafka has no proxy");
    kafkaProxy.set({ kind: "narrow", bytesPerSecond: LINK_BYTES_PER_SECOND });
    const shape = { eventsPerSecond: 20_000, batchEvents: 100, connections: 100, repeatsMax: 0 };
    const load = trial.load(shape);
    await trial.clock.sleep(NARROW_MS);
    const { acknowledged, unavailable } = load.counts;
    await load.stop();
    kafkaProxy.set({ kind: "pass" });
    trial.repaired();
    trial.hadEffect("pieces that waited for the link", kafkaProxy.interventions, 100);
    trial.hadEffect("requests refused", unavailable, 100);
    demandRetryAfter(trial, load);
    trial.demand(
      `the link carried events (${acknowledged} acknowledged, at least ${STORED_MIN})`,
      acknowledged >= STORED_MIN,
    );
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
  { clock, hadEffect, randomPause }: Trial,
  proxies: readonly TcpProxy[],
  lastsMs: number,
): Promise<void> {
  const interventions = () => proxies.reduce((sum, proxy) => sum + proxy.interventions, 0);
  for (const [name, mode] of MODES) {
    const before = interventions();
    for (const proxy of proxies) proxy.set(mode);
    await clock.sleep(lastsMs);
    for (const proxy of proxies) proxy.set({ kind: "pass" });
    hadEffect(`connections with ${name}`, interventions() - before);
    await randomPause(1000, 2500);
  }
}
