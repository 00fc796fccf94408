/** All servers are down at first; later everything restarts in a random order. */
import { isReady, type ServiceProcess } from "../../../system/service.ts";
import { servicesOf } from "../../../system/system.ts";
import type { Fault, Trial } from "../../fault.ts";
import type { Load } from "../../sending/load.ts";

const READY_MS_MAX = 60_000;
const HEALTH_MS_MAX = 5_000;

export const coldStart: Fault = {
  name: "cold-start",
  title: "started with Kafka, PostgreSQL and S3 absent; all restarted in any order",
  isShort: false,
  isColdStart: true,
  async run(trial) {
    const { system, random } = trial;
    const { kafka, postgres, s3 } = system.stack;
    const services = servicesOf(system);
    const servers = shuffled([kafka, postgres, s3], random);
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.all(services.map((service) => service.start()));
    const waiting = await countUnready(services);
    await demandLogLines(trial);
    for (const server of servers) {
      await trial.randomPause(1000, 4000);
      await server.start();
    }
    trial.hadEffect("services that waited", waiting, services.length);
    await demandReady(trial, "came up by themselves", services);
    const load = trial.load({ eventsPerSecond: 1000 });
    await demandAccepted(trial, load, "takes events once it is ready");
    await trial.randomPause(1000, 2000);
    await restartAll(trial, services);
    trial.repaired();
    await demandReady(trial, "ready again", services);
    await demandAccepted(trial, load, "takes events after the restarts");
    await Bun.sleep(2000);
    await load.stop();
  },
};

/** A service that is ready takes events at once: longer than one request may wait. */
const ACCEPTED_MS_MAX = 15_000;

/** Demands that more events are acknowledged than until now: being ready is a promise. */
async function demandAccepted({ clock, demand }: Trial, load: Load, what: string): Promise<void> {
  const before = load.counts.acknowledged;
  const isMore = () => Promise.resolve(load.counts.acknowledged > before);
  demand(what, await clock.eventually(isMore, ACCEPTED_MS_MAX));
}

/** What each service must log while all servers are down. */
const LOG_LINES = {
  ingest: ["Kafka can't store events; requests are answered with 503."],
  processor: ["Waiting for Kafka.", "Waiting for PostgreSQL.", "Waiting for S3."],
} as const;
/** Longer than the longest first attempt of a service to connect. */
const LOG_LINES_MS_MAX = 20_000;

async function demandLogLines(trial: Trial): Promise<void> {
  const { system, demand } = trial;
  const expected = [
    ...system.ingests.map((service) => ({ service, lines: LOG_LINES.ingest })),
    ...system.processors.map((service) => ({ service, lines: LOG_LINES.processor })),
  ];
  for (const { service, lines } of expected) {
    for (const text of lines)
      demand(`${service.name} logs "${text}"`, await logs(trial, service, text));
  }
}

function logs({ clock }: Trial, { logPath }: ServiceProcess, text: string): Promise<boolean> {
  return clock.eventually(
    async () => (await Bun.file(logPath).text()).includes(text),
    LOG_LINES_MS_MAX,
  );
}

/** Stops and starts services and servers, one after the other, in a random order. */
async function restartAll(trial: Trial, services: readonly ServiceProcess[]): Promise<void> {
  const { kafka, postgres, s3 } = trial.system.stack;
  const restarts = shuffled(
    [
      ...services.map((service) => async () => {
        await service.stop();
        await service.start();
      }),
      ...[kafka, postgres, s3].map((server) => async () => {
        await server.stop();
        await server.start();
      }),
    ],
    trial.random,
  );
  for (const restart of restarts) {
    await restart();
    await trial.randomPause(200, 1500);
  }
  trial.hadEffect("restarts", restarts.length, restarts.length);
}

async function countUnready(services: readonly ServiceProcess[]): Promise<number> {
  const ready = await Promise.all(services.map(isReady));
  return ready.filter((each) => !each).length;
}

/** Demands that all become ready; if not, the text holds the health of each. */
async function demandReady(
  trial: Trial,
  what: string,
  services: readonly ServiceProcess[],
): Promise<void> {
  const areReady = async () => (await countUnready(services)) === 0;
  const isSo = await trial.clock.eventually(areReady, READY_MS_MAX);
  const healths = isSo ? [] : await Promise.all(services.map(healthOf));
  trial.demand([what, ...healths].join("; "), isSo);
}

async function healthOf({ name, url }: ServiceProcess): Promise<string> {
  const signal = AbortSignal.timeout(HEALTH_MS_MAX);
  const text = await fetch(`${url}/actuator/health`, { signal })
    .then((answer) => answer.text())
    .catch(() => "no answer");
  return `${name}: ${text}`;
}

/** The items in a random order. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
