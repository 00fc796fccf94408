/** Tally's own services as real processes: started, signalled, watched for crashes. */
import { join } from "node:path";
import { eventually } from "@tally/shared";
import {
  bunCommand,
  createService,
  freePort,
  LOOPBACK,
  signalProcess,
  type Server,
} from "@tally/stack/testing";
import type { TcpProxy } from "@tally/stack/testing/tcp_proxy";

import { createFakedClock, type FakedClock } from "./faked_clock.ts";
import type { S3Proxy } from "./s3_proxy.ts";

/** One service as a process, and the proxies between it and its servers. */
export interface ServiceProcess {
  /** `ingest-1`, `processor-2`. */
  readonly name: string;
  readonly url: string;
  /** What requests to its routes carry, besides those that send events. */
  readonly readHeaders: Readonly<Record<string, string>>;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** The log of all its starts. */
  readonly logPath: string;
  /** Number of starts. */
  readonly starts: number;
  /** Number of times that it ended without being asked to. */
  readonly crashes: number;
  /** Null unless it is a processor of a system with proxies. */
  readonly postgres: TcpProxy | null;
  readonly s3: S3Proxy | null;
  /** Null unless its system has clocks that can be set. */
  readonly clock: FakedClock | null;
  /** Starts it unless it runs; resolves when it is alive; it may not be ready. */
  start(): Promise<void>;
  /** Sends SIGTERM, and SIGKILL after 15 s. @returns How long the stop took, ms. */
  stop(): Promise<number>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
  /** Sends SIGKILL without waiting, so that a proxy can call it between two pieces of bytes. */
  killNow(): void;
  /** Sends SIGSTOP. */
  freeze(): void;
  /** Sends SIGCONT. */
  thaw(): void;
}

/** What makes a service. */
export interface ServiceOptions {
  readonly name: string;
  readonly kind: "ingest" | "processor";
  /** Folder of its system: it holds the logs, and leftover processes are recognised by it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readHeaders: Readonly<Record<string, string>>;
  readonly postgres?: TcpProxy;
  readonly s3?: S3Proxy;
  /** libfaketime, when its clock is to be set. */
  readonly clockLibrary?: string;
}

/** Folder of the checkout. */
const ROOT = join(import.meta.dir, "..", "..");

/** Makes the handle; nothing runs before `start()`. */
export async function createServiceProcess(options: ServiceOptions): Promise<ServiceProcess> {
  const { name, kind, folder, env, readHeaders, postgres, s3 } = options;
  const { clockLibrary: library } = options;
  const clock =
    library === undefined ? null : await createFakedClock(library, join(folder, `${name}.clock`));
  const port = await freePort();
  const url = `http://${LOOPBACK}:${port}`;
  const entry = join(ROOT, kind, "main.ts");
  const { command, marks } = bunCommand({ entry, folder: join(folder, name), isWatched: false });
  const server: Server = createService({
    name,
    root: ROOT,
    folder,
    command,
    marks,
    liveUrl: `${url}/health/live`,
    env: () => ({ ...env, ...clock?.env, [`${kind.toUpperCase()}_PORT`]: String(port) }),
    onEnded: () => {
      if (!isEndExpected) crashes += 1;
    },
  });
  let starts = 0;
  let crashes = 0;
  let isEndExpected = false;
  const signal = (which: NodeJS.Signals) => {
    if (server.pid !== undefined) signalProcess(server.pid, which);
  };
  return {
    name,
    url,
    readHeaders,
    logPath: server.logPath,
    postgres: postgres ?? null,
    s3: s3 ?? null,
    clock,
    get pid() {
      return server.pid;
    },
    get starts() {
      return starts;
    },
    get crashes() {
      return crashes;
    },
    async start() {
      if (server.pid !== undefined) return;
      isEndExpected = false;
      starts += 1;
      await server.start();
    },
    async stop() {
      const startedMs = performance.now();
      await server.stop();
      return performance.now() - startedMs;
    },
    kill: () => server.kill(),
    killNow: () => {
      isEndExpected = true;
      signal("SIGKILL");
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
  };
}

/** Whether a service can work now; false when it does not answer. */
export async function isReady({ url }: Pick<ServiceProcess, "url">): Promise<boolean> {
  return (await fetch(`${url}/health/ready`).catch(() => null))?.ok ?? false;
}

const READY_MS_MAX = 30_000;

/** Starts services and waits until they can work. @throws {Error} When one is not ready in time. */
export async function startReady(services: readonly ServiceProcess[]): Promise<void> {
  await Promise.all(services.map((service) => service.start()));
  await untilReady(services, READY_MS_MAX);
}

/** Waits until services can work. @throws {Error} When one is not ready in time. */
export async function untilReady(
  services: readonly ServiceProcess[],
  readyMsMax: number,
): Promise<void> {
  await Promise.all(
    services.map(async (service) => {
      if (await eventually(() => isReady(service), readyMsMax)) return;
      throw new Error(`Cannot use ${service.name}: it is not ready after ${readyMsMax} ms`);
    }),
  );
}
