/** One stream for many tabs, with an event source and tabs that the test drives. */
import { expect, test } from "bun:test";
import { createRelay, MISSED_MAX, WAITING_MAX, type FromRelay, type Tab } from "./relay.ts";
import type { FrameSource } from "./stream.ts";

class FakeSource implements FrameSource {
  isClosed = false;
  readonly #listeners = new Map<string, (event: { readonly data?: unknown }) => void>();

  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.isClosed = true;
  }

  send(data: string, type = "metrics"): void {
    this.#listeners.get(type)?.({ data });
  }

  fail(): void {
    this.#listeners.get("error")?.({});
  }
}

const OPEN = { kind: "open", url: "http://here/metrics/stream" } as const;
const FAILED = { kind: "failed" } as const;
const event = (data: string) => ({ kind: "event", type: "metrics", data }) as const;

function arrange() {
  const sources: FakeSource[] = [];
  const urls: string[] = [];
  const relay = createRelay((url) => {
    urls.push(url);
    const source = new FakeSource();
    sources.push(source);
    return source;
  });
  /** A tab that takes what it gets at once, unless it is frozen. */
  const openTab = (isFrozen = false) => {
    const received: FromRelay[] = [];
    const tab: Tab = {
      postMessage: (message) => {
        received.push(message);
        if (!isFrozen && message.kind === "event") relay.receive(tab, { kind: "taken" });
      },
    };
    relay.receive(tab, OPEN);
    return { tab, received };
  };
  return { relay, sources, urls, openTab };
}

test("createRelay() opens one stream for seven tabs and hands each event to all of them", () => {
  const { sources, urls, openTab } = arrange();
  const tabs = Array.from({ length: 7 }, () => openTab());

  sources[0]?.send("one");
  sources[0]?.send("two");

  expect(urls).toEqual([OPEN.url]);
  for (const { received } of tabs) expect(received).toEqual([event("one"), event("two")]);
});

test("createRelay() leaves out the events that no tab uses", () => {
  const { sources, openTab } = arrange();
  const { received } = openTab();

  sources[0]?.send("one");
  sources[0]?.send("for later", "unknown");

  expect(received).toEqual([event("one")]);
});

test("createRelay() gives a new tab the last event at once", () => {
  const { sources, openTab } = arrange();
  openTab();
  sources[0]?.send("one");

  expect(openTab().received).toEqual([event("one")]);
});

test("createRelay() closes the stream with the last tab", () => {
  const { relay, sources, openTab } = arrange();
  const [first, second] = [openTab(), openTab()];

  relay.receive(first.tab, { kind: "close" });
  const isClosedEarly = sources[0]?.isClosed;
  relay.receive(second.tab, { kind: "close" });

  expect([isClosedEarly, sources[0]?.isClosed]).toEqual([false, true]);
});

test("createRelay() tells every tab once that the stream failed, and opens again for the first that asks", () => {
  const { relay, sources, openTab } = arrange();
  const [first, second] = [openTab(), openTab()];
  sources[0]?.send("old");

  sources[0]?.fail();
  sources[0]?.fail();
  relay.receive(first.tab, OPEN);
  relay.receive(second.tab, OPEN);
  sources[1]?.send("new");

  expect(sources).toHaveLength(2);
  expect(sources[0]?.isClosed).toBe(true);
  for (const { received } of [first, second]) {
    expect(received).toEqual([event("old"), FAILED, event("new")]);
  }
});

test("createRelay() keeps few events for a frozen tab, gives it up, and tells it so when it wakes", () => {
  const { relay, sources, openTab } = arrange();
  const [frozen, alive] = [openTab(true), openTab()];

  const events = WAITING_MAX + MISSED_MAX + 10;
  for (let index = 0; index < events; index++) sources[0]?.send(String(index));
  relay.receive(alive.tab, { kind: "close" });
  relay.receive(frozen.tab, { kind: "taken" });

  expect(alive.received).toHaveLength(events);
  expect(frozen.received).toHaveLength(WAITING_MAX + 1);
  expect(frozen.received.at(-1)).toEqual(FAILED);
  expect(sources[0]?.isClosed).toBe(true);
});

test("createRelay() hands events on again to a tab that was frozen for a moment", () => {
  const { relay, sources, openTab } = arrange();
  const { tab, received } = openTab(true);
  for (let index = 0; index < WAITING_MAX + 5; index++) sources[0]?.send(String(index));

  relay.receive(tab, { kind: "taken" });
  sources[0]?.send("next");

  expect(received.at(-1)).toEqual(event("next"));
});
