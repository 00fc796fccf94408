import { expect, test } from "bun:test";
import { auditVerdict } from "./check.ts";

const REPORT =
  "Partition From To\n\nIn log 3 = 3 rows\nIn log 3 = 3 archive lines\n\nClean (1 s)\n";
const PROGRESS = "auditing  2 of 3\nauditing  done: 3 offsets\nlisting  done: 1 objects\n";

test("auditVerdict() gives the end of the report, without the progress", () => {
  const verdict = auditVerdict({
    exitCode: 0,
    text: REPORT,
    output: REPORT + PROGRESS,
  });

  expect(verdict).toBe("In log 3 = 3 rows\nIn log 3 = 3 archive lines\n\nClean (1 s)");
});

test("auditVerdict() throws with all that was written when the audit is not clean", () => {
  const ended = { exitCode: 2, text: "", output: "No verdict." };

  expect(() => auditVerdict(ended)).toThrow("No verdict.");
});
