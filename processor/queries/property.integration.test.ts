/** Random questions over random events; each answer is compared with a plain count. */
import { beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { modelRuns } from "../testing/model_runs.ts";
import { moveOldCounts } from "../counts/move.ts";
import { useTables } from "../rows/testing/tables.ts";
import type { QueryAnswer } from "./answer.ts";
import { ask, writeEvents } from "./testing/asking.ts";
import type { PlainQuery, SentEvent } from "./testing/plain_count.ts";
import { plainFunnel, type PlainFunnel } from "./testing/plain_funnel.ts";
import type { FunnelStep } from "./find_funnel.ts";
import { eventArbitrary, funnelArbitrary, queryArbitrary } from "./testing/random_queries.ts";
import { expectRight } from "./testing/right_answer.ts";

const EVENTS = 1500;
const RUNS = 400;
const NOW_MS = Date.now();
const tables = useTables();
let events: SentEvent[];
const asking = () => ({ sql: tables.sql, nowMs: NOW_MS });

beforeAll(async () => {
  events = fc.sample(eventArbitrary(NOW_MS), EVENTS);
  await writeEvents(tables.sql, events);
  // One step moves some of the old counts into quarters and hours: all three kinds are there.
  await moveOldCounts(tables.sql);
});

test("query() answers like a plain count of what was sent, from counts and from rows", async () => {
  const sources = new Set<string>();
  const isRight = async (query: PlainQuery): Promise<void> => {
    const answer = await ask<QueryAnswer>(query, asking());
    expectRight(query, answer, events);
    sources.add(answer.meta.source);
  };

  await fc.assert(fc.asyncProperty(queryArbitrary(NOW_MS), isRight), modelRuns(RUNS));

  expect([...sources].sort()).toEqual(["counts", "rows"]);
}, 60_000);

test("funnel() counts like trying every start, by sessions and by properties", async () => {
  const isRight = async (funnel: PlainFunnel): Promise<void> => {
    const answer = await ask<{ results: FunnelStep[] }>(funnel, asking(), "funnel");
    const got = answer.results.map(({ count, median_seconds }) => ({ count, median_seconds }));
    expect(got).toEqual(plainFunnel(funnel, events));
  };

  await fc.assert(fc.asyncProperty(funnelArbitrary(NOW_MS), isRight), modelRuns(RUNS));
}, 60_000);
