import { describe, expect, test } from "bun:test";

import { keyBounds, listingPrefix } from "./hour_bounds.ts";
import { parseAuditArguments } from "./arguments.ts";

describe("parseAuditArguments()", () => {
  test("parseAuditArguments() sets no bounds when there are no words", () => {
    const wanted = { fromMs: null, toMs: null, partition: null, jsonFile: null };

    expect(parseAuditArguments([])).toEqual({ kind: "run", value: wanted });
  });

  test("parseAuditArguments() takes whole hours when times are given", () => {
    const words = ["--from", "2026-01-31T07:59:59+00:00", "--to=2026-02-01T00:00:01Z"];

    const parsed = parseAuditArguments([...words, "--partition", "3", "--json", "a.json"]);

    expect(parsed).toEqual({
      kind: "run",
      value: {
        fromMs: Date.UTC(2026, 0, 31, 7),
        toMs: Date.UTC(2026, 1, 1, 1),
        partition: 3,
        jsonFile: "a.json",
      },
    });
  });

  test("parseAuditArguments() takes midnight in UTC when a date is given", () => {
    const parsed = parseAuditArguments(["--from", "2026-01-31", "--to", "2026-02-01"]);

    expect(parsed).toMatchObject({
      value: { fromMs: Date.UTC(2026, 0, 31), toMs: Date.UTC(2026, 1, 1) },
    });
  });

  test.each([
    [["--from", "yesterday"], "--from"],
    [["--to", "2026-02-30"], "--to"],
    [["--to", "2026-01-31T07:00:00"], "--to"],
    [["--from", "2026-01-31", "--to", "2026-01-31"], "--from"],
    [["--partition", "-1"], "--partition"],
    [["--partition", "a"], "--partition"],
    [["--json", ""], "--json"],
    [["--speed", "1"], "--speed"],
    [["all"], "all"],
    [["--partition", "1000000000"], "from 0 to 999999999"],
  ])("parseAuditArguments() names what is wrong when given %p", (words, named) => {
    const parsed = parseAuditArguments(words);

    expect(parsed).toEqual({ kind: "problem", text: expect.stringContaining(named) });
    expect(parsed).toMatchObject({ text: expect.stringContaining('"bun run audit --help"') });
  });

  test("parseAuditArguments() names every option when asked for help", () => {
    const parsed = parseAuditArguments(["-h"]);

    for (const name of ["from", "to", "partition", "json", "help"]) {
      expect(parsed).toEqual({ kind: "text", text: expect.stringContaining(`--${name}`) });
    }
  });
});

describe("listingPrefix()", () => {
  const hour = (day: number, at: number) => Date.UTC(2026, 0, day, at);

  test.each([
    [hour(31, 7), hour(31, 8), "events/2026/01/31/07/"],
    [hour(31, 7), hour(31, 9), "events/2026/01/31/0"],
    [hour(30, 23), hour(31, 1), "events/2026/01/3"],
    [hour(31, 7), null, "events/"],
    [null, hour(31, 7), "events/"],
  ])("listingPrefix() begins every key from %p to %p", (fromMs, toMs, prefix) => {
    expect(listingPrefix("events", { fromMs, toMs })).toBe(prefix);
  });

  test("keyBounds() lie around the keys of the hours", () => {
    const bounds = keyBounds("a/b", { fromMs: hour(31, 23), toMs: hour(32, 0) });

    expect(bounds).toEqual({ from: "a/b/2026/01/31/23/", to: "a/b/2026/02/01/00/" });
  });
});
