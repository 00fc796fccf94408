import type { RunningService } from "@tally/shared";
import { PipelineError } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import type { FromWorker, GroupState, ProcessState, ToWorker } from "./state.ts";
import { joinGroup, runWorker, type Channel, type Group } from "./worker.ts";

const HEALTH = { isReady: true, reason: null, isStopping: false, keys: null };
const STATE: ProcessState = { health: HEALTH, metrics: [] };
const GROUP: GroupState = { health: HEALTH, metrics: "sums" };

/** A channel whose other side is the test. */
function createChannel() {
  const sent: FromWorker[] = [];
  const handlers: ((message: ToWorker) => void)[] = [];
  const leavers: (() => void)[] = [];
  const channel: Channel = {
    send: (message) => void sent.push(message),
    onMessage: (handler) => void handlers.push(handler),
    onGone: (handler) => void leavers.push(handler),
  };
  const receive = (message: ToWorker): void => {
    for (const handler of handlers) handler(message);
  };
  const leave = (): void => {
    for (const leaver of leavers) leaver();
  };
  return { channel, sent, receive, leave };
}

/** A worker whose service the test controls. */
function createWorker() {
  const ends = createChannel();
  const started = Promise.withResolvers<RunningService>();
  const stopped = Promise.withResolvers<void>();
  const codes: number[] = [];
  let stops = 0;
  const service = { url: "http://here", stop: () => ((stops += 1), stopped.promise) };
  const end = runWorker({
    channel: ends.channel,
    processes: 2,
    start: (_group: Group) => started.promise,
    exit: (code) => codes.push(code),
  });
  const listens = async () => {
    started.resolve(service);
    await Bun.sleep(0);
  };
  return { ...ends, started, stopped, codes, end, listens, stops: () => stops };
}

describe("joinGroup()", () => {
  test("tells its own state when the supervisor asks", async () => {
    const { channel, sent, receive } = createChannel();
    joinGroup(channel, 2).tellWith(() => Promise.resolve(STATE));

    receive({ kind: "tell", id: 7 });
    await Bun.sleep(0);

    expect(sent).toEqual([{ kind: "state", id: 7, state: STATE }]);
  });

  test("asks for the state of all, and gives each caller its answer", async () => {
    const { channel, sent, receive } = createChannel();
    const group = joinGroup(channel, 2);
    const [first, second] = [group.ask(), group.ask()];
    const ids = sent.flatMap((message) => (message.kind === "ask" ? [message.id] : []));

    receive({ kind: "answer", id: ids[1] ?? 0, group: GROUP });
    receive({ kind: "answer", id: ids[0] ?? 0, group: { ...GROUP, metrics: "older" } });

    expect([(await first)?.metrics, (await second)?.metrics]).toEqual(["older", "sums"]);
  });
});

test("joinGroup() asks for leases, and gives each caller its own", async () => {
  const { channel, sent, receive } = createChannel();
  const { lease, processes } = joinGroup(channel, 2);
  const key = { name: "shop", eventsPerSecond: 5, bytesPerSecond: null };
  const request = { key, needed: { events: 1, bytes: 0 }, extra: { events: 0, bytes: 0 } };
  const grant = (events: number) =>
    ({ kind: "granted", amount: { events, bytes: 0 }, levels: request.extra }) as const;
  const answers = [lease(request), lease(request)];
  const ids = sent.flatMap((message) => (message.kind === "lease" ? [message.id] : []));

  receive({ kind: "leased", id: ids[1] ?? 0, grant: grant(2) });
  receive({ kind: "leased", id: ids[0] ?? 0, grant: grant(1) });

  expect(await Promise.all(answers)).toEqual([grant(1), grant(2)]);
  expect(processes).toBe(2);
});

test("joinGroup() is orphaned when the supervisor is gone", () => {
  const { channel, leave } = createChannel();
  const group = joinGroup(channel, 2);
  expect(group.isOrphaned).toBe(false);

  leave();

  expect(group.isOrphaned).toBe(true);
});

describe("runWorker()", () => {
  test("says where it listens when it has started", async () => {
    const worker = createWorker();

    await worker.listens();

    expect(worker.sent).toEqual([{ kind: "listening", url: "http://here" }]);
  });

  test("says why and exits with 1 when it can't start", async () => {
    const worker = createWorker();

    worker.started.reject(new PipelineError("config_invalid", "Cannot listen"));
    await Bun.sleep(0);

    expect(worker.sent).toEqual([
      { kind: "failed", code: "config_invalid", message: "Cannot listen" },
    ]);
    expect(worker.codes).toEqual([1]);
  });

  test("ends at once when it is stopped before it listens", () => {
    const worker = createWorker();

    worker.end();

    expect(worker.codes).toEqual([0]);
  });

  test("stops once, and exits when the stop is over", async () => {
    const worker = createWorker();
    await worker.listens();

    worker.end();
    worker.end();
    expect(worker.codes).toEqual([]);
    worker.stopped.resolve();
    await Bun.sleep(0);

    expect([worker.stops(), worker.codes]).toEqual([1, [0]]);
  });

  test("stops gently when its supervisor is gone", async () => {
    const worker = createWorker();
    await worker.listens();

    worker.leave();

    expect([worker.stops(), worker.codes]).toEqual([1, []]);
  });

  test("exits at once when its supervisor goes during the stop", async () => {
    const worker = createWorker();
    await worker.listens();
    worker.end();

    worker.leave();

    expect(worker.codes).toEqual([1]);
  });
});
