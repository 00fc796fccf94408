/** Tally's own services in a verified run: real processes, each behind proxies of its own. */
import { join } from "node:path";
import {
  bunCommand,
  createService,
  freePort,
  LOOPBACK,
  signalProcess,
  type Server,
} from "@tally/stack/testing";

import type { S3Proxy } from "./s3_proxy.ts";
import type { TcpProxy } from "@tally/stack/testing/tcp_proxy";

/** One process, and what stands between it and the others. */
export interface VerifiedService {
  /** `ingest-1`, `processor-2`. */
  readonly name: string;
  readonly url: string;
  readonly pid: number | undefined;
  /** What it has logged, all of its starts together. */
  readonly logPath: string;
  /** How often it was started. */
  readonly starts: number;
  /** How often it ended without having been asked to. */
  readonly crashes: number;
  /** Only processors have these two. */
  readonly postgres: TcpProxy | null;
  readonly s3: S3Proxy | null;
  /** Starts it, if it does not run; resolves when it lives, ready or not. */
  start(): Promise<void>;
  /** SIGTERM and, when that takes more than 15 s, SIGKILL. @returns How long it took, ms. */
  stop(): Promise<number>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGKILL without waiting for anything: may be called from within a proxy. */
  killNow(): void;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
}

/** What makes one. */
export interface VerifiedServiceOptions {
  readonly name: string;
  readonly kind: "ingest" | "processor";
  /** Folder of the checkout. */
  readonly root: string;
  /** Folder of this world: logs lie there, and processes are recognised by it. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly postgres?: TcpProxy;
  readonly s3?: S3Proxy;
}

/** Makes the handle; nothing runs before `start()`. */
export async function createVerifiedService(
  options: VerifiedServiceOptions,
): Promise<VerifiedService> {
  const { name, kind, root, folder, env, postgres, s3 } = options;
  const port = await freePort();
  const url = `http://${LOOPBACK}:${port}`;
  const entry = join(root, kind, "main.ts");
  const { command, marks } = bunCommand({ entry, folder: join(folder, name), isWatched: false });
  const server: Server = createService({
    name,
    root,
    folder,
    command,
    marks,
    liveUrl: `${url}/health/live`,
    env: () => ({ ...env, [`${kind.toUpperCase()}_PORT`]: String(port) }),
    onEnded: () => {
      if (!isExpected) crashes += 1;
    },
  });
  let starts = 0;
  let crashes = 0;
  let isExpected = false;
  const signal = (which: NodeJS.Signals) => {
    if (server.pid !== undefined) signalProcess(server.pid, which);
  };
  return {
    name,
    url,
    logPath: server.logPath,
    postgres: postgres ?? null,
    s3: s3 ?? null,
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
      isExpected = false;
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
      isExpected = true;
      signal("SIGKILL");
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
  };
}

/** Whether a service can do its work now; one that does not answer can't. */
export async function isReady({ url }: Pick<VerifiedService, "url">): Promise<boolean> {
  return (await fetch(`${url}/health/ready`).catch(() => null))?.ok ?? false;
}
