/** The tab's side of the shared stream, with a worker that the test drives. */
import { expect, test } from "bun:test";
import type { FromRelay, ToRelay } from "./relay.ts";
import { createFrameSources, type RelayWorker } from "./shared_source.ts";
import type { FrameSource } from "./stream.ts";

const URL = "http://here/metrics/stream";

function arrange(join?: () => RelayWorker) {
  const workers: { worker: RelayWorker; sent: ToRelay[]; isClosed: () => boolean }[] = [];
  const own: string[] = [];
  const fakeJoin = (): RelayWorker => {
    const sent: ToRelay[] = [];
    let isClosed = false;
    const port: RelayWorker["port"] = {
      onmessage: null,
      postMessage: (message) => void sent.push(message),
      close: () => void (isClosed = true),
    };
    const worker: RelayWorker = { port, onerror: null };
    workers.push({ worker, sent, isClosed: () => isClosed });
    return worker;
  };
  const open = createFrameSources({
    url: URL,
    join: join ?? fakeJoin,
    openOwn: (url) => {
      own.push(url);
      return { addEventListener: () => {}, close: () => {} };
    },
  });
  const post = (index: number, data: FromRelay): void => {
    const port = workers[index]?.worker.port as MessagePort | undefined;
    port?.onmessage?.call(port, { data } as MessageEvent);
  };
  return { open, workers, own, post };
}

function listen(source: FrameSource): unknown[] {
  const seen: unknown[] = [];
  source.addEventListener("metrics", ({ data }) => seen.push(data));
  source.addEventListener("error", () => seen.push("error"));
  return seen;
}

test("createFrameSources() hands events on, acknowledges each, and leaves when closed", () => {
  const { open, workers, post } = arrange();
  const source = open();
  const seen = listen(source);

  post(0, { kind: "event", type: "metrics", data: "one" });
  post(0, { kind: "failed" });
  source.close();
  post(0, { kind: "event", type: "metrics", data: "late" });

  expect(seen).toEqual(["one", "error"]);
  expect(workers[0]?.sent).toEqual([
    { kind: "open", url: URL },
    { kind: "taken" },
    { kind: "close" },
  ]);
  expect(workers[0]?.isClosed()).toBe(true);
});

test("createFrameSources() keeps to the worker after a failure of the stream", () => {
  const { open, workers, own, post } = arrange();
  const source = open();
  post(0, { kind: "failed" });
  source.close();

  open();

  expect([workers.length, own]).toEqual([2, []]);
});

test("createFrameSources() opens its own stream when there is no shared worker", () => {
  const { open, own } = arrange(() => {
    throw new ReferenceError("SharedWorker is not defined");
  });

  open();

  expect(own).toEqual([URL]);
});

test("createFrameSources() opens its own stream after a worker that can't be loaded", () => {
  const { open, workers, own } = arrange();
  const seen = listen(open());
  const worker = workers[0]?.worker as SharedWorker | undefined;
  worker?.onerror?.call(worker, {} as ErrorEvent);

  open();

  expect([seen, own]).toEqual([["error"], [URL]]);
});

test("createFrameSources() opens its own stream after a worker that never answered", () => {
  const { open, own } = arrange();
  open().close();

  open();

  expect(own).toEqual([URL]);
});
