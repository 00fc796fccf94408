/**
 * The files of the built dashboard. Only files that a listing of its folder has found
 * are opened, so no path of a client leads out of the folder.
 */
import { join } from "node:path";

export interface DashboardOptions {
  /** The folder of the build; it may be built after the server has started. */
  readonly folder: string;
  /** Where the page sends events, or null when it finds ingest on its own host's usual port. */
  readonly ingestUrl: string | null;
}

/** The files of the dashboard. */
export interface DashboardFiles {
  /** The file at a path, or null when there is none; `/` is the page. */
  answer(url: URL): Promise<Response | null>;
}

/** Most files in a build; a folder with more is not a build of the dashboard. */
const FILES_MAX = 1000;
/** Files in it have a new name when their content changes. */
const HASHED_FOLDER = "/assets/";
const HASHED_CACHE = "public, max-age=31536000, immutable";
const META = '<meta name="tally-ingest-url" content="';

/** Lists the folder once, and again on each request while there is no page in it. */
export function createDashboardFiles({ folder, ingestUrl }: DashboardOptions): DashboardFiles {
  let files: ReadonlySet<string> = new Set();
  return {
    async answer(url) {
      const path = url.pathname === "/" ? PAGE : url.pathname;
      if (!files.has(PAGE)) files = await listFiles(folder);
      if (path === PAGE) {
        return files.has(PAGE) ? servePage(folder, ingestUrl, url) : NOT_BUILT.clone();
      }
      if (!files.has(path)) return null;
      const cache = path.startsWith(HASHED_FOLDER) ? HASHED_CACHE : "no-cache";
      return new Response(Bun.file(join(folder, path)), { headers: { "cache-control": cache } });
    },
  };
}

const PAGE = "/index.html";
const NOT_BUILT = new Response(
  "The dashboard is not built. Build it with `npx -y bun@1.4.5 run --cwd dashboard build`, then load this page again.\n",
  {
    status: 503,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  },
);

async function listFiles(folder: string): Promise<ReadonlySet<string>> {
  const files = new Set<string>();
  try {
    // Neither hidden files nor symbolic links.
    for await (const name of new Bun.Glob("**/*").scan({ cwd: folder, followSymlinks: false })) {
      if (files.size >= FILES_MAX) break;
      files.add(`/${name}`);
    }
  } catch {
    // The folder is absent: NOT_BUILT explains how to build it.
  }
  return files;
}

async function servePage(folder: string, ingestUrl: string | null, url: URL): Promise<Response> {
  const html = await Bun.file(join(folder, PAGE)).text();
  const page =
    ingestUrl === null
      ? html
      : html.replace(`${META}"`, () => `${META}${Bun.escapeHTML(ingestUrl)}"`);
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": contentSecurityPolicy(ingestUrl, url),
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    },
  });
}

const INGEST_PORT = 8081;
const LOOPBACK_NAMES = ["localhost", "127.0.0.1"] as const;

/** The page may load its own files, and connect to this server and to ingest. */
function contentSecurityPolicy(ingestUrl: string | null, page: URL): string {
  return [
    "default-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${[...ingestOrigins(ingestUrl, page)].join(" ")}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Origins where ingest may be; both names of loopback, because users type either. */
function ingestOrigins(ingestUrl: string | null, page: URL): ReadonlySet<string> {
  const given = ingestUrl === null ? null : URL.parse(ingestUrl);
  if (given !== null) {
    const names = isLoopback(given.hostname) ? LOOPBACK_NAMES : [given.hostname];
    const port = given.port === "" ? "" : `:${given.port}`;
    return new Set(names.map((name) => `${given.protocol}//${sourceName(name)}${port}`));
  }
  const names: string[] = [...LOOPBACK_NAMES];
  // The host is from the request: only a plain name or an IPv6 address may enter the header.
  if (/^([a-z0-9.-]+|\[[0-9a-f:.]+\])$/.test(page.hostname)) names.push(sourceName(page.hostname));
  return new Set(names.map((name) => `http://${name}:${INGEST_PORT}`));
}

/** A policy can't name an IPv6 address: every host on that port stands for it. */
function sourceName(hostname: string): string {
  return hostname.startsWith("[") ? "*" : hostname;
}

function isLoopback(hostname: string): boolean {
  return LOOPBACK_NAMES.some((name) => name === hostname);
}
