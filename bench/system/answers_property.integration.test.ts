/**
 * Random events over HTTP, some twice, a kill of the processor and a rewind in the middle; then
 * random queries, each compared with a plain count of what was sent. To repeat a failed run, give
 * SEED the number in its name.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually, runCommand } from "@tally/shared";
import { endStack, ownStack, testNames } from "@tally/stack/testing";
import type { QueryAnswer } from "@tally/processor/queries/answer";
import type { PlainQuery, SentEvent } from "@tally/processor/queries/testing/plain_count";
import { eventArbitrary, queryArbitrary } from "@tally/processor/queries/testing/random_queries";
import { expectRight } from "@tally/processor/queries/testing/right_answer";
import fc from "fast-check";
import { join } from "node:path";

import { auditSystem } from "./audit_system.ts";
import { startReady } from "./service.ts";
import { createSystem, PARTITIONS, servicesOf, type System } from "./system.ts";

const SEED = 1 + Math.floor(Math.random() * 1_000_000);
const NOW_MS = Date.now();
const EVENTS = 1500;
const BATCH_EVENTS = 50;
/** Every tenth event is sent a second time. */
const TWICE_EVERY = 10;
/** Every third event happens now; the random ones are nearly all late. */
const PUNCTUAL_EVERY = 3;
const QUERIES = 200;
const START_MS_MAX = 120_000;
const TEST_MS_MAX = 120_000;
/** A request is accepted within this time. // chosen */
const SENDING_MS_MAX = 15_000;
/** The longest wait is for the end of the killed processor's session. */
const COMPLETE_MS_MAX = 60_000;
const OPTIONS = {
  // The shortest that Kafka allows.
  PROCESSOR_SESSION_TIMEOUT_MS: "6000",
  PROCESSOR_BACKOFF_MS_MAX: "1000",
  // The changes of the clock among the random times are those of fixed years.
  INGEST_TS_PAST_DAYS_MAX: "36500",
};
const ROOT = join(import.meta.dir, "..", "..");
const POSITIONS = join(ROOT, "processor", "commands", "positions", "main.ts");
const EVERYTHING: PlainQuery = {
  metrics: ["events"],
  dimensions: [],
  date_range: ["2000-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z"],
  filters: [],
  timezone: "UTC",
};

let system: System;

beforeAll(async () => {
  const stack = await ownStack();
  system = await createSystem({ stack, id: testNames().topic, env: Bun.env, options: OPTIONS });
  await startReady(servicesOf(system));
}, START_MS_MAX);
afterAll(async () => {
  await system.close();
  await endStack(system.stack);
}, START_MS_MAX);

/** What of an answer of ingest is looked at. */
interface Verdicts {
  readonly rejected: readonly object[];
}

/** Sends batches one after the other, and knows what was sent and accepted until when. */
function createSender(events: readonly SentEvent[]) {
  /** Each event once, as it was sent first. */
  const sent: SentEvent[] = [];
  const accepted: { readonly ms: number; readonly events: number }[] = [];
  const bodyOf = (index: number) => {
    const { receivedAt: _, ...event } = sent[index] as SentEvent;
    return { eventId: `e-${index}`, ...event };
  };
  return {
    sent,
    /** How many events an answer must have that is complete up to a time. */
    acceptedBefore: (ms: number) => accepted.findLast((each) => each.ms < ms)?.events ?? 0,
    lastAcceptedMs: () => accepted.at(-1)?.ms ?? 0,
    /** Sends events up to a number, every tenth a second time: at once or in the next batch. */
    async sendUpTo(end: number): Promise<void> {
      while (sent.length < end) {
        const first = sent.length;
        for (let index = first; index < Math.min(end, first + BATCH_EVENTS); index++) {
          sent.push(sentNow(events[index] as SentEvent, index));
        }
        const own = sent.keys().drop(first).toArray();
        const before = sent
          .keys()
          .take(first)
          .drop(Math.max(0, first - BATCH_EVENTS))
          .toArray();
        const again = [
          ...own.filter((index) => index % (2 * TWICE_EVERY) === 0),
          ...before.filter((index) => index % (2 * TWICE_EVERY) === TWICE_EVERY),
        ];
        const body = [...own, ...again].map(bodyOf);
        const { rejected } = await post<Verdicts>(system.ingests[0].url, "/events", body);
        expect(rejected).toEqual([]);
        accepted.push({ ms: Date.now(), events: sent.length });
      }
    },
  };
}

/** An event that is certainly late or certainly not, whenever ingest takes it. */
function sentNow(event: SentEvent, index: number): SentEvent {
  const nowMs = Date.now();
  const isPunctual = index % PUNCTUAL_EVERY === 0;
  const tsMs = isPunctual ? nowMs - ((index * 97) % 40_000) : Date.parse(event.ts);
  const lateFromMs = Math.floor(tsMs / 60_000) * 60_000 + 120_000;
  const isUnclear = lateFromMs > nowMs && lateFromMs <= nowMs + SENDING_MS_MAX;
  const ts = new Date(isUnclear && !isPunctual ? tsMs - 3_600_000 : tsMs).toISOString();
  const { eventType, sessionId } = event;
  const isHolder = typeof event.payload === "object" && event.payload !== null;
  // Ingest takes no source, and objects and arrays only.
  const payload = isHolder ? event.payload : { cart: event.payload };
  return { eventType, sessionId, ts, receivedAt: new Date(nowMs).toISOString(), payload };
}

async function post<T>(url: string, path: string, body: object): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as T;
  expect([response.ok, response.ok ? {} : answer]).toEqual([true, {}]);
  return answer;
}

function ask(query: PlainQuery): Promise<QueryAnswer> {
  return post<QueryAnswer>(system.processors[0].url, "/api/v2/query", query);
}

/** How many events the rows have, and up to when the answer is complete, ms. */
async function counted(): Promise<{ readonly events: number; readonly completeMs: number }> {
  const { results, meta } = await ask(EVERYTHING);
  const completeMs = meta.complete_up_to === null ? 0 : Date.parse(meta.complete_up_to);
  return { events: results[0]?.metrics[0] ?? 0, completeMs };
}

/** Rewinds the partition with the most records to its start, as an operator does. */
async function rewindPartition(): Promise<string> {
  const [position] = (await system.sql`
    select partition from positions where sink = 'postgres' order by records desc limit 1`) as {
    partition: number;
  }[];
  const words = ["rewind", "--sink", "postgres", "--partition", String(position?.partition)];
  const program = [process.execPath, POSITIONS, ...words, "--to", "start", "--yes"];
  const { exitCode, text } = await runCommand(program, { env: system.env });
  expect(exitCode).toBe(0);
  return text;
}

/** Whether the rows have read again what a rewind went back over; it is noticed within 2 s. */
async function isReadAgain(): Promise<boolean> {
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const watermarks = await system.admin.watermarks(system.topic, partitions);
  const positions = (await system.sql`
    select partition, next_offset::text as "nextOffset" from positions
    where sink = 'postgres'`) as { partition: number; nextOffset: string }[];
  return positions.every(
    ({ partition, nextOffset }) => watermarks.get(partition)?.high === BigInt(nextOffset),
  );
}

describe(`the whole system, seed ${SEED}`, () => {
  test(
    "query answers like a plain count of what was sent, through duplicates, a kill and a rewind",
    async () => {
      const sender = createSender(
        fc.sample(eventArbitrary(NOW_MS), { numRuns: EVENTS, seed: SEED }),
      );
      const [processor] = system.processors;
      await sender.sendUpTo(EVENTS / 3);
      const hasBegun = await eventually(async () => (await counted()).events > 0, 20_000);
      await processor.kill();
      await sender.sendUpTo(EVENTS / 2);
      await startReady([processor]);
      const [rewound] = await Promise.all([rewindPartition(), sender.sendUpTo(EVENTS)]);
      // An answer never lacks what was accepted before the time that it names, and has no more
      // than was sent.
      const isComplete = await eventually(async () => {
        const { events, completeMs } = await counted();
        expect(events).toBeGreaterThanOrEqual(sender.acceptedBefore(completeMs));
        expect(events).toBeLessThanOrEqual(EVENTS);
        return completeMs > sender.lastAcceptedMs();
      }, COMPLETE_MS_MAX);

      const sources = new Set<string>();
      const isRight = async (query: PlainQuery): Promise<void> => {
        const answer = await ask(query);
        expectRight(query, answer, sender.sent);
        sources.add(answer.meta.source);
      };
      await fc.assert(fc.asyncProperty(queryArbitrary(NOW_MS), isRight), {
        numRuns: QUERIES,
        seed: SEED,
      });
      const hasReadAgain = await eventually(isReadAgain, COMPLETE_MS_MAX);
      const { counts, total, problems } = await auditSystem(system, Date.now);

      expect({ hasBegun, isComplete, hasReadAgain }).toEqual({
        hasBegun: true,
        isComplete: true,
        hasReadAgain: true,
      });
      expect(rewound).toMatch(/go back from offset \d+ to 0/);
      expect([...sources].toSorted()).toEqual(["counts", "rows"]);
      expect({ counts, problems }).toEqual({ counts: "equal", problems: [] });
      expect(total).toMatchObject({ rows: EVENTS, missing: 0 });
      expect(total.duplicates).toBeGreaterThanOrEqual(EVENTS / TWICE_EVERY - BATCH_EVENTS);
    },
    TEST_MS_MAX,
  );
});
