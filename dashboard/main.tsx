/** Starts the page: hands the browser's clock, event source and fetch to the parts that use one. */
import { monotonicNow, wallNow } from "@tally/shared/clock";
import { createSignal } from "solid-js";
import { render } from "solid-js/web";
import { App } from "./app.tsx";
import { createPage } from "./shell/create_page.ts";
import { createStream } from "./stream/create_stream.ts";
import { createFrameSources } from "./stream/shared_source.ts";
import { readIngestUrl } from "./test_event/ingest_url.ts";
import type { Clock } from "./stream/stream.ts";

const TICK_MS = 1000;

const clock: Clock = {
  now: monotonicNow,
  wallNow,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

function Start() {
  const [nowMs, setNowMs] = createSignal(clock.wallNow());
  const [monotonicMs, setMonotonicMs] = createSignal(clock.now());
  setInterval(() => {
    setNowMs(clock.wallNow());
    setMonotonicMs(clock.now());
  }, TICK_MS);
  const stream = createStream({
    open: createFrameSources({
      // Relative to the page, which a proxy may serve below a path.
      url: new URL("metrics/stream", document.baseURI).href,
      join: joinRelay,
      openOwn: (url) => new EventSource(url),
    }),
    clock,
    isHidden: document.visibilityState === "hidden",
    random: Math.random,
  });
  addEventListener("online", stream.retryNow);
  document.addEventListener("visibilitychange", () =>
    stream.show(document.visibilityState === "visible"),
  );
  const meta = document.querySelector<HTMLMetaElement>('meta[name="tally-ingest-url"]');
  const page = createPage({
    stream,
    clock,
    random: Math.random,
    nowMs,
    monotonicMs,
    fetch: (url, options) => fetch(url, options),
    ingestUrl: readIngestUrl(meta?.content, location),
  });
  return <App page={page} />;
}

/** All tabs of the browser that show this page share one worker, and with it one stream. */
function joinRelay(): SharedWorker {
  // Vite builds the worker's script only where the URL stands inside of the call.
  return new SharedWorker(new URL("./stream/relay_worker.ts", import.meta.url), {
    type: "module",
    name: "tally-stream",
  });
}

const root = document.getElementById("app");
if (root === null) throw new Error('Cannot start the page: no element "app"');
render(() => <Start />, root);
