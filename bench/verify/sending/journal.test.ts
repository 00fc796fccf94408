import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openJournal, readJournal } from "./journal.ts";

test("readJournal() returns what was noted, event by event", () => {
  const folder = mkdtempSync(join(tmpdir(), "tally-journal-"));
  const path = join(folder, "journal");
  const writer = openJournal(path);
  writer.note("accepted", { first: 0, count: 3 });
  writer.note("unknown", { first: 3, count: 2 });
  writer.note("accepted", { first: 4, count: 1 });
  writer.note("rejected", { first: 5, count: 1 });
  writer.note("accepted", { first: 0, count: 1 });
  writer.close();

  const journal = readJournal(`${readFileSync(path, "utf8")}A 9`);
  rmSync(folder, { recursive: true });

  expect(journal.total).toBe(6);
  const times = [0, 1, 2, 3, 4, 5].map((number) => journal.timesAccepted(number));
  expect(times).toEqual([2, 1, 1, 0, 1, 0]);
  expect([3, 4, 5].map((number) => journal.isUnknown(number))).toEqual([true, true, false]);
  expect([4, 5].map((number) => journal.isRejected(number))).toEqual([false, true]);
});
