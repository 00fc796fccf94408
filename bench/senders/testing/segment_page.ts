/** Test support: pages with Segment's SDK for browsers, unmodified, in a real browser. */
import { launchBrowser } from "@tally/dashboard/browser";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";

/** How the SDK sends: a request for each event, or batches. */
export type Strategy = "standard" | "batching";

/** One open page. */
export interface SegmentPage {
  /** Origins of all requests of the page. */
  readonly origins: ReadonlySet<string>;
  /** Errors that no code of the page caught. */
  readonly errors: readonly string[];
  track(event: string, properties: object): Promise<void>;
  identify(userId: string): Promise<void>;
  page(name: string, properties: object): Promise<void>;
}

/** The methods of the SDK that tests call. */
interface Analytics {
  track(event: string, properties: object): void;
  identify(userId: string): void;
  page(name: string, properties: object): void;
}

interface PageWindow {
  analytics: Analytics;
  AnalyticsBrowser: { load(settings: object, options: object): Analytics };
}

/** Pages of one browser, from a server of their own. */
export class SegmentPages {
  readonly #browser: Browser;
  readonly #server: ReturnType<typeof Bun.serve>;

  private constructor(browser: Browser, script: string) {
    this.#browser = browser;
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        const isScript = new URL(request.url).pathname === "/sdk.js";
        const type = isScript ? "text/javascript" : "text/html";
        return new Response(isScript ? script : HTML, { headers: { "content-type": type } });
      },
    });
  }

  /** Builds the page's script and launches the browser. */
  static async launch(): Promise<SegmentPages> {
    const entrypoint = join(import.meta.dir, "segment_page_script.ts");
    const { outputs } = await Bun.build({ entrypoints: [entrypoint], target: "browser" });
    const [script] = outputs;
    if (script === undefined) throw new Error("Cannot build the page's script");
    return new SegmentPages(await launchBrowser(), await script.text());
  }

  /** Origin of the pages, as browsers send it. */
  get origin(): string {
    return this.#server.url.origin;
  }

  /**
   * Opens a page whose SDK sends to ingest, in a browser that remembers nothing. No request is
   * intercepted: the browser would not check what a preflight answers then.
   */
  async open(ingestUrl: string, strategy: Strategy): Promise<SegmentPage> {
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    const [origins, errors] = [new Set<string>(), [] as string[]];
    page.on("request", (request) => origins.add(new URL(request.url()).origin));
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(`${this.origin}/shop?item=7`);
    await page.evaluate(load, { ingestUrl, host: new URL(ingestUrl).host, strategy });
    return { origins, errors, ...callsOf(page) };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop(true);
  }
}

const HTML = '<!doctype html><title>Shop</title><script type="module" src="/sdk.js"></script>';

function callsOf(page: Page): Pick<SegmentPage, "track" | "identify" | "page"> {
  type Call = readonly [name: keyof Analytics, words: readonly unknown[]];
  const call = (name: keyof Analytics, ...words: readonly unknown[]): Promise<void> =>
    page.evaluate(
      ([method, given]) => {
        const { analytics } = window as unknown as { analytics: Record<string, Function> };
        analytics[method]?.(...given);
      },
      [name, words] as Call,
    );
  return {
    track: (event, properties) => call("track", event, properties),
    identify: (userId) => call("identify", userId),
    page: (name, properties) => call("page", name, properties),
  };
}

/** Runs in the page. */
function load(options: { ingestUrl: string; host: string; strategy: Strategy }): void {
  const { ingestUrl, host, strategy } = options;
  const own = window as unknown as PageWindow;
  const config = strategy === "batching" ? { size: 20, timeout: 200 } : {};
  own.analytics = own.AnalyticsBrowser.load(
    { writeKey: "any", cdnURL: ingestUrl },
    {
      integrations: {
        "Segment.io": {
          apiHost: `${host}/v1`,
          protocol: "http",
          deliveryStrategy: { strategy, config },
        },
      },
    },
  );
}
