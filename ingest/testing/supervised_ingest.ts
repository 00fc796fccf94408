/** Ingest as production starts it: a supervisor with several workers. Test support. */
import {
  bunCommand,
  createService,
  freePort,
  LOOPBACK,
  REAL_SERVICES,
  runningProcesses,
  type Server,
} from "@tally/stack/testing";
import { mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { metric, until } from "./faked_ingest.ts";

/** Folder of the checkout. */
export const ROOT = join(import.meta.dir, "../..");
export const PROCESSES = 3;

/** What the services of a test share. */
export interface SupervisedOptions {
  /** Their logs are kept here. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A service with several processes. */
export interface SupervisedIngest {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  /** Entries of the log so far. */
  log(): Promise<readonly Record<string, unknown>[]>;
  /** Pids of the workers that run now, by number. */
  workers(): Promise<ReadonlyMap<number, number>>;
}

/** Makes the service; nothing runs before its start. */
export async function makeSupervised(
  options: SupervisedOptions,
  port?: number,
): Promise<SupervisedIngest> {
  const own = port ?? (await freePort());
  const folder = await mkdtemp(join(options.folder, "ingest-"));
  const entry = join(ROOT, "ingest/main.ts");
  const { command, marks } = bunCommand({ entry, folder, isWatched: false });
  const url = `http://${LOOPBACK}:${own}`;
  const server = createService({
    name: "ingest",
    root: ROOT,
    folder,
    command,
    marks,
    liveUrl: `${url}/health/live`,
    env: () => ({
      ...REAL_SERVICES,
      INGEST_PROCESSES: String(PROCESSES),
      ...options.env,
      INGEST_PORT: String(own),
    }),
  });
  return {
    url,
    port: own,
    server,
    async log() {
      const lines = (await readFile(server.logPath, "utf8")).split("\n");
      const entries = lines.filter((line) => line.startsWith("{"));
      return entries.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async workers() {
      const all = await runningProcesses();
      const ours = all.filter(({ argv }) => marks.every((mark) => argv.includes(mark)));
      const numbered = ours.flatMap(({ pid, argv }): [number, number][] => {
        const number = /^--worker=(\d+)/.exec(argv.at(-1) ?? "")?.[1];
        return number === undefined ? [] : [[Number(number), pid]];
      });
      return new Map(numbered);
    },
  };
}

/** Waits until every process takes requests. */
export async function untilComplete({ url }: SupervisedIngest): Promise<void> {
  // Between the end of a service and the start of the next one nothing listens.
  const running = () => metric(url, "ingest_processes").catch(() => 0);
  await until(async () => (await running()) === PROCESSES);
  await until(async () => (await fetch(`${url}/health/ready`)).ok);
}

/** The pid of one worker. */
export async function workerOf(ingest: SupervisedIngest, number: number): Promise<number> {
  const pid = (await ingest.workers()).get(number);
  if (pid === undefined) throw new Error(`Cannot find worker ${number}: it does not run`);
  return pid;
}
