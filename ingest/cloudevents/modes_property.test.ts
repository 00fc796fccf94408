/** Whatever is sent as a CloudEvent: no exception, and the same event in every mode. */
import {
  decodeRecord,
  encodeEvent,
  FIXED_EVENT_LIMITS,
  isRecordFault,
  type AcceptedEvent,
} from "@tally/shared";
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { JudgeContext } from "../form/verdicts.ts";
import { CLOUD_EVENTS_FORM } from "./cloudevents_form.ts";

const CONTEXT: JudgeContext = {
  limits: FIXED_EVENT_LIMITS,
  batchEventsMax: 10,
  receivedAtMs: Date.parse("2026-06-15T12:00:00.000Z"),
  source: null,
  eventTypes: null,
};

/** The event of a request with one, or null when it is refused. */
function eventOf(body: string, headers: Record<string, string>): AcceptedEvent | null {
  const head = CLOUD_EVENTS_FORM.readHead(new Request("http://localhost/events", { headers }));
  if (head.kind === "refused") return null;
  const parsed = CLOUD_EVENTS_FORM.parse(Buffer.from(body), head);
  if (parsed.kind === "refused") return null;
  const verdicts = parsed.judge(CONTEXT);
  return verdicts.kind === "refused" ? null : (verdicts.events[0] ?? null);
}

/** The encoding of the binding, by another implementation: more is encoded than must be. */
const inHeader = (value: unknown): string => encodeURIComponent(String(value));

const word = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "\n", "\0", "%", "%C0%A0", "€ 😀", "2026-06-15T11:59:00+01:00", "\ud800"),
);
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.double(),
    fc.integer(),
    fc.constantFrom(null, true, 1e300, 2 ** 53),
    fc.array(tie("node")),
    fc.dictionary(word, tie("node")),
  ),
})).node;
const text = fc.string({ minLength: 1, maxLength: 150, unit: "grapheme" });
const attributes = fc.record(
  {
    specversion: fc.oneof({ weight: 9, arbitrary: fc.constant("1.0") }, value),
    id: fc.oneof(text, value),
    source: fc.oneof(text, value),
    type: fc.oneof(text, value),
    subject: fc.oneof(text, value),
    time: fc.oneof(fc.constant("2026-06-15T11:59:00+01:00"), value),
    data: value,
    data_base64: fc.option(word),
    traceparent: value,
  },
  { requiredKeys: ["specversion", "id", "source", "type"] },
);
const likely = fc.record(
  { id: text, source: text, type: text, subject: text, data: value },
  { requiredKeys: ["id", "source", "type", "data"] },
);
const versioned = likely.map((others) => ({ specversion: "1.0", ...others }));

test("a CloudEvent never throws, and what is accepted is read back the same", () => {
  let accepted = 0;
  const headers = { "content-type": "application/cloudevents+json" };
  const batched = { "content-type": "application/cloudevents-batch+json" };
  fc.assert(
    fc.property(fc.oneof(attributes, versioned, value), (raw) => {
      const body = JSON.stringify(raw);
      const event = eventOf(body, headers);
      expect(eventOf(`[${body}]`, batched)).toEqual(event);
      if (event === null) return;
      accepted++;
      const record = {
        partition: 0,
        offset: 0n,
        timestampMs: 0,
        value: Buffer.from(encodeEvent(event)),
      };
      const decoded = decodeRecord(record, "topic");
      if (isRecordFault(decoded)) throw new Error(decoded.code);
      expect(decoded.eventId).toBe(event.eventId);
      expect(JSON.parse(decoded.payload)).toEqual(JSON.parse(event.payload));
    }),
    { numRuns: 500 },
  );
  expect(accepted).toBeGreaterThan(50);
});

test("a CloudEvent is the same event in structured and in binary mode", () => {
  let accepted = 0;
  fc.assert(
    fc.property(versioned, ({ data, ...all }) => {
      const structured = eventOf(JSON.stringify({ ...all, data }), {
        "content-type": "application/cloudevents+json",
      });
      const headers = Object.entries(all).map(([name, each]) => [`ce-${name}`, inHeader(each)]);
      const binary = eventOf(JSON.stringify(data), {
        ...(Object.fromEntries(headers) as Record<string, string>),
        "content-type": "application/json",
      });

      expect(binary).toEqual(structured);
      if (binary !== null) accepted++;
    }),
    { numRuns: 500 },
  );
  expect(accepted).toBeGreaterThan(50);
});
