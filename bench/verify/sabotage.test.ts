import { expect, test } from "bun:test";

import { FAULTS } from "./faults/mod.ts";
import { applies, findingOf, SABOTAGES } from "./sabotage.ts";

test.each(SABOTAGES)(
  "the patch $name applies to the code, and its fault exists",
  async (sabotage) => {
    expect(await applies(sabotage)).toBeTrue();
    expect(FAULTS.some(({ name }) => name === sabotage.fault)).toBeTrue();
  },
);

test.each([
  ["lost rows", "poison: I1 3 acknowledged events have no row", true],
  ["a log that is never read to its end", "poison: I7 it never became quiet", true],
  ["wrong counts", "poison: I12 the counts of 3 minutes and types differ from the rows", true],
  ["a demand that a slow machine can break", "poison: I11 demanded: within 5 s", false],
  ["memory", "poison: I10 ingest used 900 MiB of memory (rest)", false],
  ["a trial that broke down", "poison: Error: Cannot begin: ingest-1 is not ready", false],
  ["another fault", "duplicates: I1 3 acknowledged events have no row", false],
])("findingOf() finds broken data and nothing else: %s", (_, line, isFinding) => {
  const text = `poison  1  BROKEN\n\n${line}\nTo repeat it: bun run verify\n`;

  expect(findingOf(text, "poison")).toBe(isFinding ? line : null);
});
