import { describe, expect, spyOn, test } from "bun:test";
import { FIXED_EVENT_LIMITS, type ErrorCode } from "@tally/shared";
import fc from "fast-check";
import { refuse } from "../form/refusal.ts";
import type { Verdicts } from "../form/verdicts.ts";
import { readEvents, type BodyType } from "./accept.ts";

const NOW_MS = Date.parse("2026-06-15T12:00:00.000Z");
const GOOD = '{"sessionId":"s","eventType":"t","payload":1}';
const BAD = '{"sessionId":"","eventType":"t","payload":1}';

function judge(body: string | Buffer, type: BodyType = "json", batchEventsMax = 5000) {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const parsed = readEvents(bytes, { type, idsFor: () => (index) => `made-${index}` });
  if (parsed.kind === "refused") return parsed;
  return parsed.judge({
    limits: FIXED_EVENT_LIMITS,
    batchEventsMax,
    receivedAtMs: NOW_MS,
    source: null,
    eventTypes: null,
  });
}

function verdicts(body: string | Buffer, type: BodyType = "json"): Verdicts {
  const result = judge(body, type);
  if (result.kind === "refused") throw new Error(result.code);
  return result;
}

describe("readEvents() of JSON", () => {
  test("takes one event", () => {
    const { isSingle, events, rejections } = verdicts(GOOD);

    expect(isSingle).toBe(true);
    expect(events).toMatchObject([{ eventId: "made-0", sessionId: "s", payload: "1" }]);
    expect(rejections).toEqual([]);
  });

  test("takes a batch and keeps the good when others are bad", () => {
    const { isSingle, events, indexes, rejections } = verdicts(`[${BAD},${GOOD},5,${GOOD}]`);

    expect(isSingle).toBe(false);
    expect(events.map(({ eventId }) => eventId)).toEqual(["made-1", "made-3"]);
    expect(indexes).toEqual([1, 3]);
    expect(rejections).toEqual([
      { index: 0, code: "field_invalid", pointer: "/sessionId" },
      { index: 2, code: "invalid_event", pointer: "" },
    ]);
  });

  test("blames a number on the one event that holds it", () => {
    const event = (payload: string) => `{"sessionId":"s","eventType":"t","payload":${payload}}`;

    const { indexes, rejections } = verdicts(
      `[${event("1")}, ${event('"[1,2]"')} ,${event("9007199254740993")},${event("[1e400]")}, ${event("0.5")}]`,
    );

    expect(indexes).toEqual([0, 1, 4]);
    expect(rejections.map(({ index, code }) => [index, code])).toEqual([
      [2, "number_invalid"],
      [3, "number_invalid"],
    ]);
  });

  test.each([
    ["one event", GOOD],
    ["a batch", `[${GOOD}]`],
  ])("skips a byte order mark before %s", (_title, body) => {
    const { events, rejections } = verdicts(`\ufeff${body}`);

    expect(events).toMatchObject([{ eventId: "made-0", sessionId: "s" }]);
    expect(rejections).toEqual([]);
  });

  test("finds the numbers that would change after a byte order mark, too", () => {
    const bad = '{"sessionId":"s","eventType":"t","payload":9007199254740993}';

    expect(verdicts(`\ufeff[${GOOD},${bad}]`).rejections).toMatchObject([
      { index: 1, code: "number_invalid" },
    ]);
  });

  test("keeps a byte order mark inside a text", () => {
    const marked = '{"sessionId":"\ufeffs","eventType":"t","payload":1}';

    expect(verdicts(marked).events).toMatchObject([{ sessionId: "\ufeffs" }]);
  });

  test("accepts two events with the same id", () => {
    const twin = '{"sessionId":"s","eventType":"t","payload":1,"eventId":"same"}';

    expect(verdicts(`[${twin},${twin}]`).events.map(({ eventId }) => eventId)).toEqual([
      "same",
      "same",
    ]);
  });

  const faults: [title: string, body: string | Buffer, code: ErrorCode][] = [
    ["nothing", "", "invalid_body"],
    ["white space", " \n", "invalid_body"],
    ["a cut object", '{"sessionId":', "invalid_body"],
    ["two objects", `${GOOD}${GOOD}`, "invalid_body"],
    ["nothing after a byte order mark", "\ufeff", "invalid_body"],
    ["two byte order marks", `\ufeff\ufeff${GOOD}`, "invalid_body"],
    ["UTF-16 with its mark", Buffer.from(`\ufeff${GOOD}`, "utf16le"), "invalid_body"],
    ["JSON lines", `${GOOD}\n${GOOD}\n`, "json_lines"],
    ["JSON lines with CRLF after blank ones", `\r\n \r\n${GOOD}\r\n${GOOD}\r\n`, "json_lines"],
    ["JSON lines after a byte order mark", `\ufeff${GOOD}\n${GOOD}`, "json_lines"],
    ["JSON lines of which the second is cut", `${GOOD}\n{"a`, "json_lines"],
    ["an object over several lines that is cut", `{\n"a": 1\n`, "invalid_body"],
    ["a raw NUL in a string", GOOD.replace('"s"', '"\0"'), "invalid_body"],
    ["invalid UTF-8", Buffer.from([0x22, 0xff, 0x22]), "invalid_body"],
    ["an encoded surrogate", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), "invalid_body"],
    ["UTF-16", Buffer.from(GOOD, "utf16le"), "invalid_body"],
    ["a million open brackets", "[".repeat(1_000_000), "invalid_body"],
    ["an empty array", " [ ] ", "batch_empty"],
    ["5,001 events", `[${Array(5001).fill(GOOD)}]`, "batch_too_large"],
    ["two million numbers", `[${"0,".repeat(2_000_000)}0]`, "batch_too_large"],
  ];
  test.each(faults)("refuses %s", (_title, body, code) => {
    expect(judge(body)).toEqual(refuse(code));
  });

  test("judges half a million levels without falling", () => {
    const levels = 500_000;

    const result = judge("[".repeat(levels) + "]".repeat(levels));

    // A batch of one event that is not an object; not JSON if the parser has a limit.
    const code = result.kind === "refused" ? result.code : result.rejections[0]?.code;
    expect(["invalid_event", "invalid_body"]).toContain(code ?? "");
  });

  test("accepts as many events as the limit allows and not one more", () => {
    expect(judge(`[${GOOD},${GOOD}]`, "json", 2)).toMatchObject({ indexes: [0, 1] });
    expect(judge(`[${GOOD},${GOOD},${GOOD}]`, "json", 2)).toEqual(refuse("batch_too_large"));
  });
});

describe("readEvents() of a batch with its key", () => {
  test("lists the fields of nothing that can't be one: a million of them take seconds", () => {
    const keys = spyOn(Object, "keys");
    try {
      judge(`[${"1,".repeat(1000)}1]`);
      judge(`{"events":[],${'"a":1,'.repeat(1000)}"writeKey":1}`);

      expect(keys).not.toHaveBeenCalled();
    } finally {
      keys.mockRestore();
    }
  });

  const parse = (body: string) =>
    readEvents(Buffer.from(body), { type: "json", idsFor: () => String });

  test.each([
    ["first", `{"writeKey":"k","events":[${BAD},${GOOD}]}`],
    ["last", `{"events" : [${BAD},${GOOD}] , "writeKey":"k"}`],
  ])("takes the key and judges the events when the key is %s", (_, body) => {
    expect(parse(body)).toMatchObject({ kind: "parsed", writeKey: "k" });
    const { isSingle, indexes, rejections } = verdicts(body);
    expect([isSingle, indexes]).toEqual([false, [1]]);
    expect(rejections).toMatchObject([{ index: 0, code: "field_invalid" }]);
  });

  test("blames a number on the one event that holds it", () => {
    const bad = '{"sessionId":"s","eventType":"t","payload":[1,9007199254740993]}';

    for (const body of [
      `{"writeKey":"k","events":[${GOOD},${bad},${GOOD}]}`,
      `{"events":[${GOOD},${bad},${GOOD}],"writeKey":"k"}`,
      // JSON.parse takes the last of two members with one name.
      `{"events":[1,2,3],"writeKey":"k","events":[${GOOD},${bad},${GOOD}]}`,
      `{"writeKey":["[1,2"],"writeKey":"[k","events":[${GOOD},${bad},${GOOD}]}`,
    ]) {
      expect(verdicts(body).rejections).toMatchObject([{ index: 1, code: "number_invalid" }]);
      expect(verdicts(body).indexes).toEqual([0, 2]);
    }
  });

  test.each([
    ["no key", `{"events":[${GOOD}]}`],
    ["a key that is no text", `{"writeKey":1,"events":[${GOOD}]}`],
    ["events that are no list", `{"writeKey":"k","events":${GOOD}}`],
    ["another field", `{"writeKey":"k","events":[${GOOD}],"sentAt":1}`],
  ])("takes an object with %s for an event, which has no such fields", (_, body) => {
    expect(parse(body)).toMatchObject({ writeKey: null });
    expect(verdicts(body).rejections).toMatchObject([{ code: "field_unknown" }]);
  });

  test("refuses no events and too many", () => {
    expect(judge('{"writeKey":"k","events":[]}')).toEqual(refuse("batch_empty"));
    expect(judge(`{"writeKey":"k","events":[${GOOD},${GOOD}]}`, "json", 1)).toEqual(
      refuse("batch_too_large"),
    );
  });
});

describe("readEvents() of NDJSON", () => {
  test("takes a bad line for a bad event among good ones", () => {
    const { events, indexes, rejections } = verdicts(`${GOOD}\n{"a\n${GOOD}\n`, "ndjson");

    expect(events).toHaveLength(2);
    expect(indexes).toEqual([0, 2]);
    expect(rejections).toEqual([{ index: 1, code: "invalid_line", pointer: "" }]);
  });

  test("takes invalid UTF-8 in one line for that line's fault only", () => {
    const body = Buffer.concat([
      Buffer.from(`${GOOD}\n`),
      Buffer.from([0x22, 0xff, 0x22, 0x0a]),
      Buffer.from(GOOD),
    ]);

    const { indexes, rejections } = verdicts(body, "ndjson");

    expect(indexes).toEqual([0, 2]);
    expect(rejections).toEqual([{ index: 1, code: "invalid_line", pointer: "" }]);
  });

  test("passes over blank lines and takes CRLF", () => {
    const { indexes, rejections } = verdicts(`\n${GOOD}\r\n \t\r\n\n${GOOD}\r\n`, "ndjson");

    expect(indexes).toEqual([0, 1]);
    expect(rejections).toEqual([]);
  });

  test("skips a byte order mark, also where files were joined", () => {
    const { indexes, rejections } = verdicts(`\ufeff${GOOD}\n${GOOD}\n\ufeff${GOOD}`, "ndjson");

    expect(indexes).toEqual([0, 1, 2]);
    expect(rejections).toEqual([]);
  });

  test("refuses a byte order mark alone as empty", () => {
    expect(judge("\ufeff\n", "ndjson")).toEqual(refuse("batch_empty"));
  });

  test("is a batch even when it has one line", () => {
    expect(verdicts(GOOD, "ndjson").isSingle).toBe(false);
  });

  test("rejects an array in a line and a number that would change", () => {
    const line = '{"sessionId":"s","eventType":"t","payload":9007199254740993}';

    expect(verdicts(`[${GOOD}]\n${line}`, "ndjson").rejections.map(({ code }) => code)).toEqual([
      "invalid_event",
      "number_invalid",
    ]);
  });

  test.each(["", "\n\n", " \r\n"])("refuses %j as empty", (body) => {
    expect(judge(body, "ndjson")).toEqual(refuse("batch_empty"));
  });

  test("refuses 5,001 lines, and five million blank ones as empty", () => {
    expect(judge(`${GOOD}\n`.repeat(5001), "ndjson")).toEqual(refuse("batch_too_large"));
    expect(judge("\n".repeat(5_000_000), "ndjson")).toEqual(refuse("batch_empty"));
  });
});

test("accept() never throws and judges every event once, whatever the bytes", () => {
  const pieces = fc.constantFrom(
    GOOD,
    BAD,
    "[",
    "]",
    ",",
    "\n",
    "{",
    "}",
    '"',
    "\\u0000",
    "1e400",
    "null",
    "\0",
    "\ud800",
  );
  const bodies = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((parts) => Buffer.from(parts.join(""))),
    fc
      .array(fc.constantFrom(GOOD, BAD, "5", "[]"), { minLength: 1 })
      .map((parts) => Buffer.from(`[${parts}]`)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(bodies, fc.constantFrom<BodyType>("json", "ndjson"), (body, type) => {
      const result = judge(body, type);
      if (result.kind === "refused") return;
      const indexes = [...result.indexes, ...result.rejections.map(({ index }) => index)];
      expect(indexes.toSorted((a, b) => a - b)).toEqual(indexes.map((_, at) => at));
    }),
    { numRuns: 2000 },
  );
});
