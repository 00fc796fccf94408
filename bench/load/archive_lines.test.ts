import { expect, test } from "bun:test";

import { addLines, hourFolders, objectKeyPattern } from "./archive_lines.ts";
import { eventJson, runIds } from "./event.ts";
import { Sightings } from "./sightings.ts";

const ids = runIds("abc");

test("addLines() counts only the lines of the run when an object also holds others", () => {
  const lines = [
    eventJson(ids, 3),
    eventJson(runIds("abd"), 4),
    `{"eventId":"other","payload":[{"eventId":"load-abc-5"}]}`,
    eventJson(ids, 0),
    eventJson(ids, 3),
  ];
  const sightings = new Sightings(ids, 10);

  const any = addLines(sightings, Buffer.from(`${lines.join("\n")}\n`), ids);

  expect(any).toBe(true);
  expect([sightings.distinct, sightings.extra, sightings.strange]).toEqual([2, 1, 0]);
  expect([0, 3, 4, 5].filter((number) => sightings.has(number))).toEqual([0, 3]);
});

test("objectKeyPattern() matches finished objects and no temporary names", () => {
  const key = "a.b/events/2026/01/31/07/events-1769843612345-p3-00000000000000041200.json";
  const pattern = objectKeyPattern("a.b/events");

  expect([key, `${key}.gz`].every((name) => pattern.test(name))).toBe(true);
  expect(
    [`${key}-0b5c`, `axb/${key.slice(4)}`, `x/${key}`].some((name) => pattern.test(name)),
  ).toBe(false);
});

test("hourFolders() covers the hours from before the start until now when the run crosses midnight", () => {
  const startedAtMs = Date.UTC(2026, 0, 31, 23, 59);

  const folders = hourFolders("events", startedAtMs, startedAtMs + 120_000);

  expect(folders).toContain("events/2026/01/31/22/");
  expect(folders).toContain("events/2026/01/31/23/");
  expect(folders).toContain("events/2026/02/01/00/");
  expect(folders.length).toBeLessThanOrEqual(4);
});
