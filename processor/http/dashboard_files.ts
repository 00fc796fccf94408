/**
 * The built dashboard. Only files that a listing of its folder found are ever
 * opened, so no path a client makes up leads anywhere else.
 */
import { join } from "node:path";

export interface DashboardOptions {
  /** Where the build is; it may come later than the server. */
  readonly folder: string;
  /** Where the page shall send events; null: it finds ingest on its own host, at the usual port. */
  readonly ingestUrl: string | null;
}

/** The files of the dashboard. */
export interface DashboardFiles {
  /** The file at a path, `/` being the page; null: there is none. */
  answer(url: URL): Promise<Response | null>;
}

/** Files in a build, at the most; a folder with more is not a build of ours. */
const FILES_MAX = 1000;
/** The name of a file there changes with its content. */
const HASHED_FOLDER = "/assets/";
const HASHED_CACHE = "public, max-age=31536000, immutable";
const META = '<meta name="tally-ingest-url" content="';

/** Lists the folder once, and again for as long as there is no page in it. */
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
    // The folder isn't there: not built yet, and the page says so.
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

/** The page may load its own files, and talk to this server and to ingest. */
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

/** Where ingest may be; both names of loopback, because either may be in the address bar. */
function ingestOrigins(ingestUrl: string | null, page: URL): ReadonlySet<string> {
  const told = ingestUrl === null ? null : URL.parse(ingestUrl);
  if (told !== null) {
    const names = isLoopback(told.hostname) ? LOOPBACK_NAMES : [told.hostname];
    const port = told.port === "" ? "" : `:${told.port}`;
    return new Set(names.map((name) => `${told.protocol}//${name}${port}`));
  }
  const names: string[] = [...LOOPBACK_NAMES];
  // The host comes from the request: nothing but a name may get into the header.
  if (/^[a-z0-9.-]+$/.test(page.hostname)) names.push(page.hostname);
  return new Set(names.map((name) => `http://${name}:${INGEST_PORT}`));
}

function isLoopback(hostname: string): boolean {
  return LOOPBACK_NAMES.some((name) => name === hostname);
}
