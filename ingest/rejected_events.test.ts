/** Events that break a rule on the routes of Segment's API: published as dead letters. */
import { decodeRecord, type ErrorCode, type SourceRecord } from "@tally/shared";
import { afterEach, describe, expect, test } from "bun:test";
import { expectProblem, metric, readAnswer, startFaked } from "./testing/faked_ingest.ts";
import type { FakedIngest } from "./testing/faked_ingest.ts";

let ingest: FakedIngest;
afterEach(() => ingest.stop());

const good = (messageId: string) => ({ messageId, userId: "u", type: "track", event: "Opened" });

async function send(path: string, body: object | string) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return readAnswer(
    await fetch(`${ingest.url}${path}`, {
      method: "POST",
      body: text,
      headers: { "content-type": "application/json" },
    }),
  );
}

/** What the processor makes of the published records: ids of events, codes of dead letters. */
function read(): string[] {
  return ingest.producer.log.map(({ value, headers = [], timestampMs }, offset) => {
    const record: SourceRecord = {
      partition: 0,
      offset: BigInt(offset),
      timestampMs,
      value: Buffer.from(value ?? ""),
      headers,
    };
    const decoded = decodeRecord(record, "topic");
    return "code" in decoded ? `${decoded.code} ${decoded.pointer}` : decoded.eventId;
  });
}

const REJECTED: [title: string, message: object, fault: string][] = [
  ["no session", { messageId: "m", type: "page" }, "field_missing /sessionId"],
  ["a time that is none", { ...good("m"), timestamp: "now" }, "timestamp_invalid /ts"],
  ["a NUL", { ...good("m"), properties: { a: "\0" } }, "text_invalid /payload"],
  [
    "too many values",
    { ...good("m"), properties: Array(1001).fill(0) },
    "event_too_complex /payload",
  ],
];

describe("an event that breaks a rule", () => {
  test.each(REJECTED)("is published as a dead letter: %s", async (_title, message, fault) => {
    ingest = await startFaked();

    expect(await send("/v1/track", { ...message, event: "e" })).toMatchObject({
      status: 200,
      body: { success: true },
    });
    expect(read()).toEqual([fault]);
    expect(await metric(ingest.url, "ingest_rejected_published_total")).toBe(1);
    expect(await metric(ingest.url, "ingest_events_accepted_total")).toBe(0);
  });

  test("does not hold up the others of its batch", async () => {
    ingest = await startFaked();

    const { status } = await send("/v1/batch", {
      batch: [good("a"), null, { ...good("b"), userId: undefined }, good("c")],
    });

    expect(status).toBe(200);
    expect(read()).toEqual(["a", "c", "invalid_event ", "field_missing /sessionId"]);
  });

  test("keeps a number that no double holds, as a text", async () => {
    ingest = await startFaked();
    const digits = "9007199254740993";

    await send("/v1/page", `{"userId":"u","properties":{"n":${digits}},"writeKey":"secret"}`);
    await send("/v1/batch", `{"batch":[{"type":"page","userId":"u"}],"context":{"n":${digits}}}`);

    expect(read()).toEqual(["number_invalid /payload", "number_invalid /payload"]);
    for (const { value } of ingest.producer.log) {
      expect(String(value)).toContain(`"n":"${digits}"`);
      expect(String(value)).not.toContain("secret");
    }
  });

  test("is answered with 503 while Kafka stores nothing", async () => {
    ingest = await startFaked();
    ingest.producer.answering = "broker_unavailable";

    expectProblem(await send("/v1/track", { event: "e" }), "broker_unavailable");
  });

  test("is only counted when the option says so", async () => {
    ingest = await startFaked({ INGEST_REJECTED_EVENTS: "count" });

    expectProblem(await send("/v1/track", { event: "e" }), "field_missing", "/sessionId");
    expect((await send("/v1/batch", { batch: [good("a"), {}] })).status).toBe(200);
    expect(read()).toEqual(["a"]);
  });

  test("is refused by POST /events, whose senders read the answer", async () => {
    ingest = await startFaked();

    const answer = await send("/events", "{}");

    expect(answer.status).toBe(422);
    expect(read()).toEqual([]);
  });
});

test("more rejected bytes than a key may add are left out, good events are taken", async () => {
  ingest = await startFaked({ INGEST_REJECTED_BYTES_PER_SECOND_MAX: "1000" });
  const message = { ...good("m"), userId: "", properties: { text: "x".repeat(40_000) } };
  const code: ErrorCode = "rejected_quota_exceeded";

  const statuses = [];
  for (let sent = 0; sent < 2; sent++) statuses.push((await send("/v1/track", message)).status);
  const refused = await send("/v1/batch", { batch: [message, message] });
  const mixed = await send("/v1/batch", { batch: [good("a"), message] });

  expect(statuses).toEqual([200, 200]);
  expect(refused.body).toMatchObject({ code, status: 429 });
  // 60 kB at once: what was taken beyond it comes back at 1 kB a second.
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(10);
  expect(mixed).toMatchObject({ status: 200, body: { success: true } });
  expect(read().slice(2)).toEqual(["a"]);
  expect(await metric(ingest.url, "ingest_rejected_left_out_total")).toBe(3);
});

test("many tiny rejected events use up what a key may add, too", async () => {
  ingest = await startFaked({ INGEST_REJECTED_BYTES_PER_SECOND_MAX: "1000" });
  // 37 bytes each with their keys, and 300 for each row.
  const batch = Array(300).fill(0);

  expect((await send("/v1/batch", { batch })).status).toBe(200);

  expect((await send("/v1/batch", { batch })).status).toBe(429);
  expect(read()).toHaveLength(300);
});
