import { describe, expect, test } from "bun:test";
import { judgeAnswer, parseJson } from "./answer.ts";

const TWO = [0, 0];
const ONE = [0];
const again = (code: string, isSplit = false) => ({ kind: "again", code, isSplit }) as const;
const problem = (code: string) => ({ type: `urn:tally:error:${code}`, code });

describe("judgeAnswer()", () => {
  test("says done when ingest has accepted the batch, with what it rejected", () => {
    const rejected = [{ index: 1, code: "field_missing", pointer: "/payload" }];

    expect(judgeAnswer({ status: 202, body: { accepted: 1, rejected } }, TWO)).toEqual({
      kind: "done",
      rejected,
    });
  });

  test("says done with every event when ingest rejects all of them", () => {
    const rejected = [
      { index: 0, code: "field_invalid", pointer: "" },
      { index: 1, code: "field_invalid", pointer: "" },
    ];
    const body = { ...problem("batch_rejected"), rejected };

    expect(judgeAnswer({ status: 422, body }, TWO)).toEqual({ kind: "done", rejected });
    expect(judgeAnswer({ status: 422, body: problem("event_too_large") }, ONE)).toEqual({
      kind: "done",
      rejected: [{ index: 0, code: "event_too_large" }],
    });
  });

  test.each([
    ["a login page", 200, undefined],
    ["a page instead of a 202", 202, undefined],
    ["a proxy's 404", 404, undefined],
    ["a proxy's 422", 422, undefined],
    ["a proxy's 400", 400, "bad"],
    ["a text", 202, "ok"],
    ["a null", 202, null],
    ["a number of rejected ones", 202, { rejected: 3 }],
    ["a text of rejected ones", 202, { rejected: "none" }],
    ["a list of nothing", 202, { rejected: [null] }],
    ["a list of other events", 422, { rejected: [{ index: 2, code: "field_invalid" }] }],
  ])("keeps the events when it is not ingest that answers: %s", (_, status, body) => {
    expect(judgeAnswer({ status, body }, TWO)).toEqual(again(`http_${status}`));
  });

  test.each([
    [401, "key_unknown"],
    [403, "origin_not_allowed"],
    [421, "host_not_allowed"],
    [429, "quota_exceeded"],
    [503, "overloaded"],
    [415, "unsupported_type"],
  ])("keeps the events when the answer is %d %s: it can change", (status, code) => {
    expect(judgeAnswer({ status, body: problem(code) }, TWO)).toEqual(again(code));
  });

  test("asks for fewer events at a time when one of them may be to blame", () => {
    expect(judgeAnswer({ status: 413, body: undefined }, TWO)).toEqual(again("http_413", true));
    expect(judgeAnswer({ status: 400, body: problem("invalid_body") }, TWO)).toEqual(
      again("invalid_body", true),
    );
    expect(judgeAnswer({ status: 500, body: problem("internal") }, TWO)).toEqual(
      again("internal", true),
    );
  });

  test("drops an event that is too large alone, and never one for a 500 or a proxy's 413", () => {
    expect(judgeAnswer({ status: 413, body: problem("body_too_large") }, ONE)).toEqual({
      kind: "done",
      rejected: [{ index: 0, code: "body_too_large" }],
    });
    expect(judgeAnswer({ status: 413, body: undefined }, ONE)).toEqual(again("http_413", true));
    expect(judgeAnswer({ status: 500, body: undefined }, ONE)).toEqual(again("http_500", true));
  });
});

test("parseJson() gives undefined when the text is not JSON", () => {
  expect(["{", "", "1"].map(parseJson)).toEqual([undefined, undefined, 1]);
});
