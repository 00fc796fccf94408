import { expect, test } from "bun:test";

import { exitCodeOf, reportText, verdictOf } from "./report.ts";
import { noCounts } from "./sending/send.ts";
import type { TrialResult } from "./trial.ts";

const GOOD: TrialResult = {
  kind: "judged",
  name: "broker-killed",
  title: "kill -9 the broker",
  seed: 7,
  counts: { ...noCounts(), acknowledged: 12_696, unavailable: 2 },
  restarts: 1,
  duplicates: 3,
  fenceHits: 0,
  residentBytesMax: { ingest: 0, processor: 0 },
  recoveredMs: 4040,
  seconds: 13,
  broken: [],
  bites: [{ what: "kills", count: 1, least: 1 }],
  timeline: [],
};
const WITHOUT_EFFECT = { ...GOOD, bites: [{ what: "kills", count: 0, least: 1 }] };
const BROKEN = { ...GOOD, broken: [{ invariant: "I1", text: "1 event lost" } as const] };
const OPTIONS = { seed: 42, isShort: false, faults: [{ name: "broker-killed" }] };
const FAILED = { kind: "failed", name: "poison", seed: 7, problem: "no port" } as const;

test("verdictOf() and exitCodeOf() separate what holds, what is broken, and what proved nothing", () => {
  expect([GOOD, WITHOUT_EFFECT, BROKEN, FAILED].map(verdictOf)).toEqual([
    "holds",
    "no effect",
    "BROKEN",
    "broke down",
  ]);
  expect(verdictOf({ ...GOOD, recoveredMs: null })).toBe("BROKEN");
  expect(exitCodeOf([GOOD])).toBe(0);
  expect(exitCodeOf([GOOD, WITHOUT_EFFECT])).toBe(2);
  expect(exitCodeOf([WITHOUT_EFFECT, BROKEN])).toBe(1);
  expect(exitCodeOf([FAILED])).toBe(1);
  expect(exitCodeOf([])).toBe(2);
});

test("reportText() shows a row a fault, what is wrong, and how to repeat it", () => {
  const text = reportText([GOOD, { ...BROKEN, name: "ingest-killed" }, FAILED], {
    ...OPTIONS,
    faults: [...OPTIONS.faults, { name: "ingest-killed" }, { name: "poison" }],
  });

  expect(text).toMatch(/^broker-killed +12,696 +2 +1 +3 +0 +4\.0 s +holds$/m);
  expect(text).toContain("ingest-killed: I1 1 event lost");
  expect(text).toContain("poison: no port");
  expect(text).toContain("bun run verify --seed 42 ingest-killed poison");
});

test("a fault that this machine can't make breaks nothing and proves nothing", () => {
  const lacks = "Install libfaketime.";
  const impossible = { kind: "impossible", name: "clock-jumps", seed: 7, lacks } as const;
  const faults = [...OPTIONS.faults, { name: "clock-jumps" }];

  const text = reportText([GOOD, impossible], { ...OPTIONS, faults });

  expect([exitCodeOf([GOOD, impossible]), exitCodeOf([impossible])]).toEqual([0, 2]);
  expect(text).toContain("clock-jumps: not possible here. Install libfaketime.");
  expect(text).toEndWith("\nWhat ran holds.\n");
});

test("reportText() says that every promise holds only when every fault ran", () => {
  const cut = { ...OPTIONS, faults: [...OPTIONS.faults, { name: "poison" }] };

  expect(reportText([GOOD], OPTIONS)).toContain("Every promise holds");
  expect(reportText([GOOD], cut)).toEndWith("\nNot run: poison.\nWhat ran holds.\n");
  expect(reportText([WITHOUT_EFFECT], { ...OPTIONS, isShort: true })).toEndWith(
    "bun run verify --seed 42 --short broker-killed\n",
  );
});
