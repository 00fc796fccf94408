/** The driver against Bun's server. */
import { afterEach, expect, test } from "bun:test";

import { drive, type Load, type RequestOutcome } from "./drive.ts";
import { createSchedule } from "./schedule.ts";

interface Request {
  readonly first: number;
  readonly body: string;
}

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A server that answers with these statuses in turn, and with the last one from then on. */
function serve(...statuses: readonly number[]): {
  readonly url: string;
  readonly bodies: string[];
} {
  const bodies: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      bodies.push(await request.text());
      const status = statuses[Math.min(bodies.length, statuses.length) - 1] ?? 200;
      return new Response("answer", { status });
    },
  });
  cleanups.push(() => server.stop(true));
  return { url: `${server.url}events`, bodies };
}

/** Three requests of one event, due at once, by one connection. */
async function driveTo(
  urls: readonly string[],
  changes: Partial<Load<Request>> = {},
): Promise<[number, RequestOutcome][]> {
  const outcomes: [number, RequestOutcome][] = [];
  const [first = "", ...others] = urls;
  const targetOf = (url: string) => ({ url, headers: {}, answerMsMax: 5000 });
  await drive<Request>({
    targets: [targetOf(first), ...others.map(targetOf)],
    connections: 1,
    schedule: createSchedule({ eventsPerSecond: 1000, seconds: 0.003, batchEvents: 1 }),
    seconds: 1,
    lateMsMax: 60_000,
    repeatsMax: 0,
    pauseMs: 1,
    makeRequest: (events) => ({ first: events.first, body: `event ${events.first}` }),
    onOutcome: (request, outcome) => outcomes.push([request.first, outcome]),
    signal: new AbortController().signal,
    ...changes,
  });
  return outcomes;
}

const statusesOf = (outcomes: readonly [number, RequestOutcome][]) =>
  outcomes.map(([first, outcome]) =>
    outcome.kind === "answered"
      ? `${first}: ${outcome.answer.status}`
      : `${first}: ${outcome.kind}`,
  );

test("drive() sends each request once when the service takes all of them", async () => {
  const { url, bodies } = serve(202);

  const outcomes = await driveTo([url]);

  expect(bodies).toEqual(["event 0", "event 1", "event 2"]);
  expect(statusesOf(outcomes)).toEqual(["0: 202", "1: 202", "2: 202"]);
});

test("drive() repeats a request without a verdict, and reports each attempt", async () => {
  const { url } = serve(503, 500, 202, 400, 503);

  const outcomes = await driveTo([url], { repeatsMax: 2 });

  expect(statusesOf(outcomes)).toEqual([
    "0: 503",
    "0: 500",
    "0: 202",
    "1: 400",
    "2: 503",
    "2: 503",
    "2: 503",
  ]);
});

test("drive() repeats nothing when no repetition is allowed", async () => {
  const { url } = serve(503, 429, 202);

  expect(statusesOf(await driveTo([url]))).toEqual(["0: 503", "1: 429", "2: 202"]);
});

test("drive() sends a request that never left as long as the load lasts", async () => {
  const stop = new AbortController();
  const outcomes: [number, RequestOutcome][] = [];

  await driveTo(["http://127.0.0.1:1/events"], {
    signal: stop.signal,
    onOutcome: ({ first }, outcome) => {
      if (outcomes.push([first, outcome]) === 3) stop.abort();
    },
  });

  expect(statusesOf(outcomes)).toEqual(["0: unsent", "0: unsent", "0: unsent"]);
});

test("drive() reports a request that lost its connection as broken, and does not lose the next", async () => {
  let requests = 0;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        requests += 1;
        if (requests === 1) socket.terminate();
        else socket.write("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok");
      },
    },
  });
  cleanups.push(() => server.stop(true));

  const outcomes = await driveTo([`http://127.0.0.1:${server.port}/events`]);

  expect(statusesOf(outcomes)).toEqual(["0: broken", "1: 202", "2: 202"]);
});

test("drive() spreads its connections over the targets", async () => {
  const servers = [serve(202), serve(202)];

  await driveTo(
    servers.map(({ url }) => url),
    {
      connections: 2,
      schedule: createSchedule({ eventsPerSecond: 1000, seconds: 0.1, batchEvents: 1 }),
    },
  );

  expect(servers.every(({ bodies }) => bodies.length > 0)).toBeTrue();
});

test("drive() counts latency from the due time when there is a rate", async () => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch() {
      await Bun.sleep(30);
      return new Response("", { status: 202 });
    },
  });
  cleanups.push(() => server.stop(true));

  const outcomes = await driveTo([`${server.url}events`]);

  // All were due at once: the third waited for the two before it.
  const [, , third] = outcomes.map(([, outcome]) => outcome);
  expect(third).toMatchObject({ kind: "answered" });
  if (third?.kind === "answered") expect(third.latencyMs - third.answerMs).toBeGreaterThan(40);
});

test("drive() stops when the signal comes", async () => {
  const stop = new AbortController();
  const { url } = serve(202);

  const outcomes = await driveTo([url], {
    schedule: createSchedule({ eventsPerSecond: 0, seconds: 1, batchEvents: 1 }),
    seconds: 60,
    onOutcome: () => stop.abort(),
    signal: stop.signal,
  });

  expect(outcomes).toEqual([]);
});
