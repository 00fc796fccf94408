/**
 * Test support: pages with the built client, on an origin of their own, in a real browser. What a
 * page has seen is kept in its `window`, so that a test can wait for it.
 */
import { launchBrowser } from "@tally/dashboard/browser";
import { runCommand } from "@tally/shared";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";

const CLIENT = join(import.meta.dir, "../../../client");
/** Longest wait for anything in a page; it only ends a hang. */
const WAIT_MS_MAX = 60_000;

/** What a page of the test holds: the parts of the client's types that are used. */
interface ClientWindow {
  readonly tally: {
    track(eventType: string, payload: unknown): string;
    readonly unsent: number;
  };
  readonly troubles: readonly { readonly kind: string; readonly code: string }[];
}

/** The client's options that a test gives. */
interface ClientOptions {
  readonly url: string;
  readonly writeKey?: string;
}

export interface ClientPages {
  /** Origin of the pages, as browsers send it. */
  readonly origin: string;
  /** A browser with a storage of its own. */
  newBrowser(): Promise<BrowserContext>;
  /** Closes all of these browsers, with their pages: what a test does at its end. */
  closeBrowsers(): Promise<void>;
  /** Opens a page with a client, as a module or by the snippet of the `<script>` form. */
  open(context: BrowserContext, options: ClientOptions, path?: "/" | "/script"): Promise<Page>;
  stop(): Promise<void>;
}

/** Builds the client as it is published, into a temporary folder; the caller removes it. */
export async function buildClient(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tally-client-"));
  const command = [process.execPath, join(CLIENT, "build.ts"), folder];
  const { exitCode, problems } = await runCommand(command, { env: Bun.env });
  if (exitCode !== 0) throw new Error(`Cannot build the client: ${problems}`);
  return folder;
}

/** Builds the client, serves a page with it and starts the program of the browsers. */
export async function startClientPages(): Promise<ClientPages> {
  const folder = await buildClient();
  const program = await launchBrowser();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname.endsWith(".js")) return new Response(Bun.file(join(folder, pathname)));
      const options = searchParams.get("options") ?? "{}";
      const html = pathname === "/script" ? scriptPage(options) : modulePage(options);
      return new Response(html, { headers: { "content-type": "text/html" } });
    },
  });
  return {
    origin: server.url.origin,
    async newBrowser() {
      const context = await program.newContext();
      context.setDefaultTimeout(WAIT_MS_MAX);
      return context;
    },
    async closeBrowsers() {
      await Promise.all(program.contexts().map((context) => context.close()));
    },
    async open(context, options, path = "/") {
      const page = await context.newPage();
      const query = new URLSearchParams({ options: JSON.stringify(options) });
      await page.goto(`${server.url.origin}${path}?${query.toString()}`);
      return page;
    },
    async stop() {
      await program.close();
      await server.stop(true);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const modulePage = (options: string): string => `<!doctype html><title>page</title>
<script type="module">
import { createClient } from "/tally.js";
window.troubles = [];
const onError = (trouble) => window.troubles.push(trouble);
window.tally = createClient({ ...${options}, onError });
</script>`;

/** The snippet of docs/sdks.md, with a call before the script is there. */
const scriptPage = (options: string): string => `<!doctype html><title>page</title>
<script>
window.tally = { ...${options}, q: [], track(...call) { this.q.push([Date.now(), call]); } };
tally.track("early", { at: 1 }, { eventId: "early-1" });
</script>
<script async src="/tally.script.js"></script>`;

/** Tracks events in a page. @returns Their ids. */
export function trackIn(page: Page, count: number): Promise<string[]> {
  return page.evaluate((events) => {
    const { tally } = window as unknown as ClientWindow;
    return Array.from({ length: events }, (_, at) => tally.track("page_view", { at }));
  }, count);
}

/** Waits until a page has had this many failed attempts. */
export async function untilDelayed(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (least) => (window as unknown as ClientWindow).troubles.length >= least,
    count,
  );
}

/** Waits until everything that a page has sent is acknowledged. */
export async function untilSent(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as unknown as ClientWindow).tally.unsent === 0);
}

/** Keys of unsent events and leases in the localStorage of the page's origin. */
export function storedKeys(page: Page): Promise<string[]> {
  return page.evaluate(() => Object.keys(localStorage).filter((key) => key !== "tally|visitor"));
}
