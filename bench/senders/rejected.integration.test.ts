/**
 * Messages of Segment's API that break a rule, through the whole system: dead letters with their
 * code and sender, never a row, and a row when one that only a limit kept out is sent again.
 */
import { eventually } from "@tally/shared";
import { testNames, testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, expect, test } from "bun:test";

import { auditSystem } from "../system/audit_system.ts";
import { startReady } from "../system/service.ts";
import { createSystem, servicesOf, type System } from "../system/system.ts";

const TEST_MS_MAX = 120_000;
const WAIT_MS_MAX = 20_000;
/** Lower than the limit for records of other producers, which a resend is judged by. */
const VALUES_MAX = "20";
let system: System;

beforeAll(async () => {
  const options = { ARCHIVE_OBJECT_AGE_MS_MAX: "1000", INGEST_EVENT_VALUES_MAX: VALUES_MAX };
  const id = testNames().topic;
  system = await createSystem({ stack: await testStack(), id, env: Bun.env, options });
  await startReady(servicesOf(system));
}, TEST_MS_MAX);
afterAll(() => system.close(), TEST_MS_MAX);

const message = (messageId: string, changes: object = {}) => ({
  messageId,
  type: "track",
  event: "Bought",
  userId: "u",
  properties: { n: 1 },
  ...changes,
});

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(`${system.processors[0].url}${path}`)).json()) as T;
}

interface Letter {
  readonly id: string;
  readonly code: string;
  readonly pointer: string;
  readonly eventId: string | null;
  readonly state: string;
}

const lettersNow = async () =>
  (await get<{ deadLetters: Letter[] }>("/dead-letters")).deadLetters.toReversed();
const idsNow = async () => {
  const rows = await system.sql<{ event_id: string }[]>`select event_id from web_events`;
  return rows.map((row) => row.event_id).toSorted();
};

test(
  "a message that breaks a rule is a dead letter of its code, and the others are rows",
  async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`p${at}`, at]));
    const batch = [
      message("good-1"),
      message("no-user", { userId: null }),
      message("complex", { properties: many }),
      message("good-2"),
    ];

    const response = await fetch(`${system.ingests[0].url}/v1/batch`, {
      method: "POST",
      body: JSON.stringify({ batch }),
    });

    expect([response.status, await response.json()]).toEqual([200, { success: true }]);
    expect(await eventually(async () => (await lettersNow()).length === 2, WAIT_MS_MAX)).toBe(true);
    expect(await eventually(async () => (await idsNow()).length === 2, WAIT_MS_MAX)).toBe(true);
    const letters = await lettersNow();
    expect(letters.toSorted((a, b) => (a.code < b.code ? -1 : 1))).toMatchObject([
      { code: "event_too_complex", pointer: "/payload", eventId: "complex", state: "open" },
      { code: "field_missing", pointer: "/sessionId", eventId: "no-user", state: "open" },
    ]);
    expect(await idsNow()).toEqual(["good-1", "good-2"]);
  },
  TEST_MS_MAX,
);

test(
  "a resend drops the header: what only a limit kept out becomes a row, the rest stays dead",
  async () => {
    const resend = async ({ id }: Letter): Promise<unknown> => {
      const url = `${system.processors[0].url}/dead-letters/${id}/resend`;
      const headers = { "content-type": "application/json" };
      const response = await fetch(url, { method: "POST", headers, body: "{}" });
      return [response.status, ((await response.json()) as { eventId: unknown }).eventId];
    };
    const [complex, noUser] = (await lettersNow()).toSorted((a, b) => (a.code < b.code ? -1 : 1));
    if (complex === undefined || noUser === undefined) throw new Error("Two letters were there");

    expect(await resend(complex)).toEqual([202, "complex"]);
    expect(await resend(noUser)).toEqual([202, null]);

    const hasRow = async () => (await idsNow()).includes("complex");
    expect(await eventually(hasRow, WAIT_MS_MAX)).toBe(true);
    const isReplaced = async () =>
      (await get<Letter>(`/dead-letters/${noUser.id}`)).state === "superseded";
    expect(await eventually(isReplaced, WAIT_MS_MAX)).toBe(true);
    const again = (await lettersNow()).at(-1);
    expect(again).toMatchObject({ code: "field_missing", eventId: "no-user", state: "open" });
    const state = (await get<Letter>(`/dead-letters/${complex.id}`)).state;
    expect(state).toBeOneOf(["resent", "resolved"]);
  },
  TEST_MS_MAX,
);

test(
  "audit, frames and metrics count the dead letters of rejected events",
  async () => {
    const isArchived = async () => (await auditSystem(system, Date.now)).total.unarchived === 0;
    expect(await eventually(isArchived, WAIT_MS_MAX)).toBe(true);

    const report = await auditSystem(system, Date.now);

    expect(report.problems).toEqual([]);
    // Two good ones, two rejected ones, and a copy of each of these.
    expect(report.total).toMatchObject({ inLog: 6, rows: 3, lines: 3, deadLetters: 3, missing: 0 });
    const frame = await firstFrame();
    expect(frame.deadLetters).toMatchObject({
      byCode: { event_too_complex: 1, field_missing: 2 },
    });
    const text = await (await fetch(`${system.ingests[0].url}/metrics`)).text();
    expect(text).toContain("ingest_rejected_published_total 2");
    expect(text).toContain("ingest_events_accepted_total 2");
  },
  TEST_MS_MAX,
);

/** The frame that the stream sends at once. */
async function firstFrame(): Promise<{ deadLetters: unknown }> {
  const response = await fetch(`${system.processors[0].url}/metrics/stream`);
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    const data = /^event: metrics\n(?:.*\n)*?data: (.*)\n\n/m.exec(text)?.[1];
    if (data !== undefined) return JSON.parse(data) as { deadLetters: unknown };
  }
  throw new Error("The stream ended without a frame");
}
