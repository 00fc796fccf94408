/** The routes without a socket and without a database. Test support only. */
import type { Database } from "@tally/shared/database";
import { createApp, type App, type ServerParts } from "../server.ts";
import { NO_SERVER, testParts } from "./server.ts";

/** A page of another origin that may call the service. */
export const LISTED = "http://localhost:9999";

export interface Harness {
  readonly app: App;
  ask(path: string, init?: RequestInit): Promise<Response>;
  readonly keptOpen: Request[];
}

/** A database whose statements all end in one error. */
export function failing(error: unknown): Database {
  const statement = Promise.reject(error);
  // Fragments of statements are never awaited: their rejections are not errors.
  statement.catch(() => undefined);
  return (() => statement) as unknown as Database;
}

export function harness(changes: Partial<ServerParts> = {}, isStopping = false): Harness {
  const keptOpen: Request[] = [];
  const unasked = failing(new Error("not asked in this test"));
  const parts = { ...testParts(unasked, { PROCESSOR_CORS_ORIGINS: LISTED }), ...changes };
  const app = createApp(parts, {
    ...NO_SERVER,
    isStopping: () => isStopping,
    keepOpen: (request) => keptOpen.push(request),
  });
  return {
    app,
    keptOpen,
    ask: async (path, init) => app.fetch(new Request(`http://localhost:8082${path}`, init)),
  };
}

/** Paths that are read. */
export const PATHS = [
  "/metrics/stream",
  "/metrics/history",
  "/events",
  "/events/a/trace",
  "/dead-letters",
  "/dead-letters/codes",
  "/dead-letters/1",
  "/archive/objects",
  "/health/live",
  "/health/ready",
  "/actuator/health",
  "/openapi.json",
  "/metrics",
];

/** Paths that change something. */
export const CHANGES = [
  "/dead-letters/1/resend",
  "/dead-letters/resend",
  "/dead-letters/1/edited",
  "/api/v2/query",
  "/api/v2/funnel",
  "/api/session",
];
