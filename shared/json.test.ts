import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  arrayElements,
  findJsonFault,
  hasBadNumber,
  hasSuspiciousNumber,
  isNestedDeeper,
  isStorableText,
  memberText,
  parseJson,
  quoteBadNumbers,
} from "./json.ts";

const LIMITS = { nestingMax: 32, valuesMax: 1000 };

/** The verdict on one number as the two steps give it together. */
function isBad(text: string): boolean {
  return hasSuspiciousNumber(text) && hasBadNumber(text, 0, text.length);
}

test("parseJson() gives the value, or undefined when the text is not JSON", () => {
  const texts = ["1", "null", '{"a":[]}', "{", "", "undefined", "\ufeff1"];

  expect(texts.map(parseJson)).toEqual([1, null, { a: [] }, ...Array(4).fill(undefined)]);
});

describe("hasBadNumber()", () => {
  const bad = [
    "9007199254740993",
    "-9007199254740993",
    "123456789012345678901234567890",
    "1e400",
    "-1E+400",
    "1e-400",
    "0.1e-330",
    "-1e-999",
    `0.${"0".repeat(400)}1`,
    `1${"0".repeat(309)}`,
    '{"a":[1,2,{"b":1e400}]}',
    "[0,\n 9007199254740993]",
    '{"a" : 9007199254740993}',
    '["x\\\\",1e400]',
    '["\\"",1e400]',
  ];
  test.each(bad)("is true for %s", (text) => {
    expect(isBad(text)).toBe(true);
  });

  const good = [
    "0",
    "-0",
    "0e5",
    "-0.0e-10",
    "0.000000000000000000000",
    "9007199254740992",
    "9007199254740994",
    "-9007199254740991",
    "100000000000000000000",
    "1e308",
    "1.7976931348623157e308",
    "5e-324",
    "0.1",
    "3.14159265358979323846264338327950288",
    "1e20",
    '"9007199254740993"',
    '["1e400", "a:1e400", ", 9007199254740993"]',
    '{"9007199254740993":1}',
    '"\\\\\\" 1e400"',
    "true",
    "[]",
  ];
  test.each(good)("is false for %s", (text) => {
    expect(isBad(text)).toBe(false);
  });

  test("is true exactly when an integer changes on its way through a double", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (integer) => {
        expect(isBad(`{"a":[${integer}]}`)).toBe(BigInt(Number(integer)) !== integer);
      }),
    );
  });

  test("is false for whatever JSON.stringify prints of a safe value", () => {
    const safe = fc.jsonValue().filter((value) => !/\d{16}/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(safe, (value) => {
        expect(isBad(JSON.stringify(value))).toBe(false);
      }),
    );
  });
});

describe("arrayElements()", () => {
  test("gives the text of each element when elements hold brackets, commas and quotes", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.nat(2), (values, indent) => {
        const text = ` ${JSON.stringify(values, null, indent)} `;

        const parts = arrayElements(text).map(({ start, end }) => text.slice(start, end));

        expect(parts.map((part) => JSON.parse(part))).toEqual(JSON.parse(text));
      }),
    );
  });
});

test("isNestedDeeper() counts levels", () => {
  const deep: unknown = JSON.parse("[".repeat(1_000_000) + "]".repeat(1_000_000));

  expect(isNestedDeeper({ a: [{ b: 1 }] }, 3)).toBe(false);
  expect(isNestedDeeper({ a: [{ b: 1 }] }, 2)).toBe(true);
  expect([isNestedDeeper("text", 0), isNestedDeeper(null, 0)]).toEqual([false, false]);
  expect(isNestedDeeper(deep, 1000)).toBe(true);
});

describe("quoteBadNumbers()", () => {
  test("makes strings of the numbers that no double holds, and leaves the rest", () => {
    const text = '{"a":[1,9007199254740993,-1e400],"b":"9007199254740993","c":0.5}';

    expect(quoteBadNumbers(text)).toBe(
      '{"a":[1,"9007199254740993","-1e400"],"b":"9007199254740993","c":0.5}',
    );
    expect(quoteBadNumbers("12345678901234567890")).toBe('"12345678901234567890"');
    expect(quoteBadNumbers("[1,2]")).toBe("[1,2]");
  });
});

describe("memberText()", () => {
  test("gives the text of every member when members hold brackets, colons and quotes", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(2), (object, indent) => {
        const text = ` ${JSON.stringify(object, null, indent)} `;
        const parsed = JSON.parse(text) as Record<string, unknown>;

        for (const [name, value] of Object.entries(parsed)) {
          expect(JSON.parse(memberText(text, name) ?? "")).toEqual(value);
        }
        expect(memberText(text, "a name that no dictionary has")).toBeNull();
      }),
    );
  });

  test("gives the last of two members with one name, and reads names with escapes", () => {
    expect(memberText('{"a":{"b":1},"b":2,"\\u0062":[3]}', "b")).toBe("[3]");
    expect(memberText("[1]", "b")).toBeNull();
  });
});

describe("findJsonFault()", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));

  test("counts levels: 32 pass, 33 don't", () => {
    expect(findJsonFault(nested(32), LIMITS)).toBeNull();
    expect(findJsonFault(nested(33), LIMITS)).toBe("event_too_deep");
  });

  test("counts values: 1,000 pass, 1,001 don't", () => {
    expect(findJsonFault(Array(999).fill(0), LIMITS)).toBeNull();
    expect(findJsonFault(Array(1000).fill(0), LIMITS)).toBe("event_too_complex");
  });

  test("gives event_too_deep when there are a million levels", () => {
    expect(findJsonFault(nested(1_000_000), LIMITS)).toBe("event_too_deep");
  });

  test.each([
    '"__proto__":1',
    '"\\u005f_proto__":{}',
    '"constructor":{"prototype":{}}',
    '"constructor":{"a":1,"prototype":null}',
  ])("rejects %s at any depth", (member) => {
    expect(findJsonFault(JSON.parse(`{${member}}`), LIMITS)).toBe("key_forbidden");
    expect(findJsonFault(JSON.parse(`[{"a":{${member}}}]`), LIMITS)).toBe("key_forbidden");
    expect(findJsonFault(JSON.parse(`{"constructor":{${member}}}`), LIMITS)).toBe("key_forbidden");
  });

  test.each([
    '{"constructor":"Ford"}',
    '{"constructor":null}',
    '{"constructor":{"name":"Ford"}}',
    '{"constructor":["prototype"]}',
    '{"constructor":[{"prototype":1}]}',
    '{"prototype":{"constructor":1}}',
    '{"constructor":{"a":{"prototype":1}}}',
  ])("accepts %s at any depth", (text) => {
    expect(findJsonFault(JSON.parse(text), LIMITS)).toBeNull();
    expect(findJsonFault(JSON.parse(`[{"a":[${text}]}]`), LIMITS)).toBeNull();
  });

  test.each(['"\\u0000"', '{"\\u0000":1}', '["\\ud800"]', '{"a\\udc00":1}'])(
    "gives text_invalid for %s",
    (text) => {
      expect(findJsonFault(JSON.parse(text), LIMITS)).toBe("text_invalid");
    },
  );

  test("gives number_invalid when a number is infinite", () => {
    expect(findJsonFault(JSON.parse("[1e400]"), LIMITS)).toBe("number_invalid");
  });

  test.each(["null", "true", '"\\ud83d\\ude00"', "{}", '{"":""}', "-0", '{"proto":1}'])(
    "accepts %s",
    (text) => {
      expect(findJsonFault(JSON.parse(text), LIMITS)).toBeNull();
    },
  );
});

test("isStorableText() is false when PostgreSQL could not keep the text", () => {
  expect(isStorableText("a\0")).toBe(false);
  expect(isStorableText("\ud800")).toBe(false);
  expect(isStorableText("\u0001 ä 😀")).toBe(true);
});
