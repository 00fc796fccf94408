import { describe, expect, test } from "bun:test";

import { uuidNumber, uuidOf } from "./uuid_ids.ts";

const NUMBERS = Array.from({ length: 10_000 }, (_, index) => index);
const LARGE = [99_999, 1_000_000, 29_999_999, 2 ** 31, 2 ** 32 - 1];

describe.each(["v7", "v4"] as const)("%s", (form) => {
  const pattern = new RegExp(
    `^[0-9a-f]{8}-[0-9a-f]{4}-${form[1]}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
  );

  test("uuidOf() makes UUIDs of its version, and uuidNumber() finds their numbers", () => {
    for (const number of [...NUMBERS, ...LARGE]) {
      const id = uuidOf(form, "abc", number);

      expect(id).toMatch(pattern);
      expect(uuidNumber(form, "abc", id)).toBe(number);
    }
  });

  test("uuidNumber() is -1 when the id is of another run, of another form or damaged", () => {
    const id = uuidOf(form, "abc", 5);
    const others = [
      uuidOf(form, "abd", 5),
      uuidOf(form === "v7" ? "v4" : "v7", "abc", 5),
      `${id}0`,
      id.slice(0, -1),
      "",
      "load-abc-5",
    ];

    expect(others.map((other) => uuidNumber(form, "abc", other))).toEqual(others.map(() => -1));
  });
});

test("uuidOf() makes v7 ids that grow with their numbers", () => {
  const ids = NUMBERS.map((number) => uuidOf("v7", "abc", number));

  expect(ids.toSorted()).toEqual(ids);
});

test("uuidOf() makes v4 ids that are spread evenly, in no order", () => {
  const ids = NUMBERS.map((number) => uuidOf("v4", "abc", number));

  const firstDigits = Map.groupBy(ids, (id) => id[0]);
  const rising = ids.filter((id, index) => index > 0 && id > (ids[index - 1] ?? "")).length;

  expect(firstDigits.size).toBe(16);
  for (const some of firstDigits.values()) expect(some.length).toBeWithin(500, 750);
  expect(rising).toBeWithin(4_800, 5_200);
});
