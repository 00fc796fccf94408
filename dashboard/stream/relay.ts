/**
 * One stream for all tabs of a browser. It allows six connections to a host over HTTP/1.1,
 * so that the streams of seven tabs would leave none for anything else. This part runs in
 * a worker that the tabs share (relay_worker.ts): it holds the stream and hands its events on.
 */
import type { FrameSource } from "./stream.ts";

/** What a tab sends. */
export type ToRelay =
  | { readonly kind: "open"; readonly url: string }
  /** The tab has taken one event. */
  | { readonly kind: "taken" }
  | { readonly kind: "close" };

/** What a tab receives. */
export type FromRelay =
  | { readonly kind: "event"; readonly type: string; readonly data: unknown }
  /** The stream has ended, or this tab was given up: it must open again. */
  | { readonly kind: "failed" };

/** The way to one tab. */
export interface Tab {
  postMessage(message: FromRelay): void;
}

export interface Relay {
  receive(tab: Tab, message: ToRelay): void;
}

/** The events of the stream that are handed on. */
export const EVENT_TYPES = ["metrics", "counts"] as const;
/** Events that a tab has not taken yet; further ones are not kept for it. // chosen */
export const WAITING_MAX = 8;
/** A tab that misses this many events in a row is gone or frozen. At two per second, a minute. */
export const MISSED_MAX = 120;

/** What is known of one tab. */
interface Reader {
  waiting: number;
  missed: number;
}

/** @param open Opens the stream; called when the first tab asks, and again after a failure. */
export function createRelay(open: (url: string) => FrameSource): Relay {
  const readers = new Map<Tab, Reader>();
  const last = new Map<string, unknown>();
  let source: FrameSource | null = null;

  const send = (tab: Tab, reader: Reader, event: FromRelay): void => {
    if (reader.waiting < WAITING_MAX) {
      reader.waiting += 1;
      reader.missed = 0;
      tab.postMessage(event);
    } else if (++reader.missed > MISSED_MAX) {
      leave(tab);
    }
  };
  const connect = (url: string): void => {
    const opened = open(url);
    source = opened;
    for (const type of EVENT_TYPES) {
      opened.addEventListener(type, ({ data }) => {
        if (source !== opened) return;
        last.set(type, data);
        for (const [tab, reader] of readers) send(tab, reader, { kind: "event", type, data });
      });
    }
    opened.addEventListener("error", () => {
      if (source !== opened) return;
      const tabs = [...readers.keys()];
      readers.clear();
      disconnect();
      for (const tab of tabs) tab.postMessage({ kind: "failed" });
    });
  };
  const disconnect = (): void => {
    source?.close();
    source = null;
    last.clear();
  };
  const leave = (tab: Tab): void => {
    readers.delete(tab);
    if (readers.size === 0) disconnect();
  };

  return {
    receive(tab, message) {
      const reader = readers.get(tab);
      if (message.kind === "open") {
        const opened = { waiting: 0, missed: 0 };
        readers.set(tab, opened);
        if (source === null) connect(message.url);
        for (const [type, data] of last) send(tab, opened, { kind: "event", type, data });
      } else if (message.kind === "close") {
        leave(tab);
      } else if (reader === undefined) {
        // It was given up while it was frozen.
        tab.postMessage({ kind: "failed" });
      } else {
        reader.waiting = Math.max(0, reader.waiting - 1);
      }
    },
  };
}
