/**
 * The tab's side of the stream that all tabs share (relay.ts): it looks like the tab's own
 * event source. Where a browser has no shared workers, the tab opens its own stream.
 */
import type { FromRelay, ToRelay } from "./relay.ts";
import type { FrameSource } from "./stream.ts";

/** The parts of SharedWorker that are used here. */
export interface RelayWorker {
  readonly port: Pick<MessagePort, "onmessage" | "postMessage" | "close">;
  /** Called when the worker's script can't be loaded. */
  onerror: SharedWorker["onerror"];
}

export interface FrameSourcesOptions {
  readonly url: string;
  /** Joins the shared worker; throws where there is none. */
  readonly join: () => RelayWorker;
  readonly openOwn: (url: string) => FrameSource;
}

/** @returns Opens one source; after a worker that never answered, the tab's own stream. */
export function createFrameSources({ url, join, openOwn }: FrameSourcesOptions): () => FrameSource {
  let isUsable = true;
  return () => {
    const worker = isUsable ? joinOrNull(join) : null;
    if (worker === null) return openOwn(url);
    return openShared(worker, url, () => (isUsable = false));
  };
}

function joinOrNull(join: () => RelayWorker): RelayWorker | null {
  try {
    return join();
  } catch {
    // No shared workers in this browser, or none allowed.
    return null;
  }
}

type Listener = (event: { readonly data?: unknown }) => void;

/** @param onSilent Called when the worker can't be loaded, or was closed without any answer. */
function openShared(worker: RelayWorker, url: string, onSilent: () => void): FrameSource {
  const { port } = worker;
  const listeners = new Map<string, Listener>();
  let isAnswered = false;
  worker.onerror = () => {
    onSilent();
    listeners.get("error")?.({});
  };
  const send = (message: ToRelay): void => port.postMessage(message);
  port.onmessage = ({ data: message }: MessageEvent<FromRelay>) => {
    isAnswered = true;
    if (message.kind === "failed") {
      listeners.get("error")?.({});
      return;
    }
    send({ kind: "taken" });
    listeners.get(message.type)?.({ data: message.data });
  };
  send({ kind: "open", url });
  return {
    addEventListener: (type, listener) => void listeners.set(type, listener),
    close() {
      if (!isAnswered) onSilent();
      send({ kind: "close" });
      port.onmessage = null;
      port.close();
    },
  };
}
