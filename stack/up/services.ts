/**
 * Ingest, processor and, in development, the dashboard's own server: which commands, which
 * addresses.
 */
import { connectHost, type Config, type Env } from "@tally/shared";
import { join } from "node:path";

import { freePort, LOOPBACK, type WantedPort } from "../machine/ports.ts";
import { bunCommand, createService } from "../machine/service.ts";
import type { Server } from "../machine/server_process.ts";

/** A service with its address. */
export interface Service {
  readonly name: string;
  readonly server: Server;
  readonly wanted: WantedPort;
  /** Address to show, for example `http://localhost:8081`. */
  readonly url: string;
  /** Answers 2xx when the service can do its work. */
  readonly readyUrl: string;
}

/** What all services of one `up` share. */
export interface ServicesOptions {
  readonly config: Config<"stack">;
  readonly root: string;
  readonly folder: string;
  readonly isDevelopment: boolean;
  readonly signal: AbortSignal;
  /** Environment at the time of a start: the parts' addresses are known by then. */
  env(): Env;
  onEnded(name: string, exitCode: number | null): void;
}

/** Port of Vite's server. */
const DEVELOPMENT_PORT = 5173;
/** The names of this machine under which a browser opens a page. */
const PAGE_HOSTS = ["localhost", LOOPBACK, "[::1]"];

/** Makes the handles; nothing runs yet. */
export async function createServices(options: ServicesOptions): Promise<Service[]> {
  const { config, isDevelopment } = options;
  const pagePort = await portOf(config.processor.port);
  const added = addedEnv(config, { pagePort, isDevelopment });
  const services = [
    service(options, {
      name: "ingest",
      wanted: { name: "ingest", port: await portOf(config.ingest.port), option: "INGEST_PORT" },
      added,
    }),
    service(options, {
      name: "processor",
      wanted: { name: "processor", port: pagePort, option: "PROCESSOR_PORT" },
      added,
    }),
  ];
  return isDevelopment ? [...services, dashboardServer(options)] : services;
}

interface ServiceOptions {
  readonly name: "ingest" | "processor";
  readonly wanted: WantedPort;
  /** What `up` sets. */
  readonly added: Env;
}

function service(options: ServicesOptions, { name, wanted, added }: ServiceOptions): Service {
  const { root, folder, isDevelopment, signal } = options;
  // The host that it listens on, which may be an IPv6 address.
  const address = `http://${connectHost(options.config[name].host)}:${wanted.port}`;
  const entry = join(root, name, "main.ts");
  const server = createService({
    name,
    root,
    folder,
    signal,
    ...bunCommand({ entry, folder, isWatched: isDevelopment }),
    liveUrl: `${address}/health/live`,
    env: () => ({
      ...options.env(),
      ...added,
      [wanted.option]: String(wanted.port),
    }),
    onEnded: (exitCode) => options.onEnded(name, exitCode),
  });
  const url = `http://localhost:${wanted.port}`;
  return { name, server, wanted, url, readyUrl: `${address}/health/ready` };
}

/**
 * What `up` sets. Pages may call the services that are those of the options, the dashboard's own,
 * which sends events to ingest, and in development Vite's. Bun starts one process again when its
 * code changes, so ingest is one then.
 */
export function addedEnv(
  { ingest, processor }: Config<"stack">,
  { pagePort, isDevelopment }: { readonly pagePort: number; readonly isDevelopment: boolean },
): Env {
  const vite = isDevelopment ? pageOrigins(DEVELOPMENT_PORT) : [];
  const own = pageOrigins(pagePort);
  return {
    INGEST_CORS_ORIGINS: [...new Set([...ingest.corsOrigins, ...own, ...vite])].join(","),
    PROCESSOR_CORS_ORIGINS: [...processor.corsOrigins, ...vite].join(","),
    ...(isDevelopment && { INGEST_PROCESSES: "1" }),
  };
}

/** The origins of a page on a port of this machine, as browsers send them. */
function pageOrigins(port: number): string[] {
  return PAGE_HOSTS.map((host) => new URL(`http://${host}:${port}`).origin);
}

function dashboardServer(options: ServicesOptions): Service {
  const { root, folder, signal } = options;
  const name = "dashboard";
  const home = join(root, "dashboard");
  const vite = join(home, "node_modules", ".bin", "vite");
  const address = `http://${LOOPBACK}:${DEVELOPMENT_PORT}/`;
  const port = ["--host", LOOPBACK, "--port", String(DEVELOPMENT_PORT), "--strictPort"];
  const server = createService({
    name,
    root: home,
    folder,
    signal,
    command: [process.execPath, "--bun", vite, ...port],
    marks: [vite, "--strictPort"],
    liveUrl: address,
    env: () => ({ ...options.env(), NODE_ENV: "development" }),
    onEnded: (exitCode) => options.onEnded(name, exitCode),
  });
  const wanted = { name, port: DEVELOPMENT_PORT, option: "no option, it is fixed:" };
  const url = `http://localhost:${DEVELOPMENT_PORT}`;
  return { name, server, wanted, url, readyUrl: address };
}

async function portOf(port: number): Promise<number> {
  return port === 0 ? freePort() : port;
}
