import { describe, expect, test } from "bun:test";
import { readAttributeHeaders } from "./attribute_headers.ts";

const subject = (header: string) => readAttributeHeaders(new Headers({ "ce-subject": header }));

describe("readAttributeHeaders()", () => {
  test("reads the attributes that count, and leaves out absent ones and extensions", () => {
    const headers = new Headers({
      "CE-SpecVersion": "1.0",
      "ce-id": "1",
      "ce-source": "/s",
      "ce-type": "t",
      "ce-time": "2026-01-31T07:00:00Z",
      "ce-traceparent": "00-1-2-01",
      "content-type": "application/json",
    });

    expect(readAttributeHeaders(headers)).toEqual({
      kind: "attributes",
      specversion: "1.0",
      id: "1",
      source: "/s",
      type: "t",
      time: "2026-01-31T07:00:00Z",
    });
  });

  // The first is the example of the HTTP binding.
  test.each([
    ["Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"],
    ["%e2%82%ac", "€"],
    ["%41bc", "Abc"],
    ["%2525", "%25"],
    ["a b", "a b"],
    ['"a b"', "a b"],
    ['"a \\"b\\" \\\\ %20c"', 'a "b" \\  c'],
    ['a"b"', 'a"b"'],
    ["50%", "50%"],
    ["50%x1%41", "50%x1A"],
    ["", ""],
  ])("decodes %s", (header, text) => {
    expect(subject(header)).toEqual({ kind: "attributes", subject: text });
  });

  test.each(["%C0%A0", "a%FFb", "%E2%82", "%ED%A0%80", "caf\u00e9", "\u00e2\u0082\u00ac"])(
    "blames the attribute when bytes of %s are no UTF-8 or no ASCII",
    (header) => {
      expect(subject(header)).toEqual({
        kind: "fault",
        code: "field_invalid",
        pointer: "/subject",
      });
    },
  );
});
