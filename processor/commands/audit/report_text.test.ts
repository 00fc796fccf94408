import { describe, expect, test } from "bun:test";

import { Ledger } from "./ledger.ts";
import { makeReport, type AuditedPartition, type CountsState } from "./report.ts";
import { auditText } from "./report_text.ts";
import { Findings } from "./findings.ts";

const position = {
  nextOffset: 12n,
  records: 12n,
  events: 11,
  duplicates: 1,
  deadLetters: 0,
  objects: 1,
  bytes: 1,
  byEventType: 11,
  byDeadLetterCode: 0,
  prunedDuplicates: 0,
  prunedTo: 0n,
  gapOffsets: 0n,
  gapRows: 0n,
  stopped: null,
};

function partition(log: number): AuditedPartition {
  const ledger = new Ledger();
  ledger.at(0);
  ledger.count("inLog", 12);
  ledger.count("rows", 11);
  ledger.count("duplicates", 1);
  ledger.count("lines", 1_234);
  const positions = { log, topic: "events", topicId: "id", partition: 4 };
  const archive = { ...position, stopped: "another log" };
  return {
    positions: { ...positions, rows: position, archive },
    firstOffset: 0n,
    nextOffset: 12n,
    ledger,
  };
}

function text({
  logs = [1],
  findings = new Findings(),
  objectsListed = 7 as number | null,
  counts = "equal" as CountsState,
  notes = [] as string[],
  groups = ["processor"],
}): string {
  const run = { startedAtMs: 0, elapsedMs: 1_500, fromMs: null, toMs: null, objectsListed, counts };
  const watermarks = new Map([["1/4", { low: 0n, high: 20n }]]);
  const audited = logs.map((log) => partition(log));
  const atWork = [{ log: 1, topic: "events", groups }];
  const reach = { watermarks, notes };
  return auditText(makeReport({ run, audited, reach, losses: [], groups: atWork, findings }));
}

describe("auditText()", () => {
  test("auditText() prints the ledger by partition and hour, and its sums", () => {
    const printed = text({});

    expect(printed).toMatch(/^events 4 +0 +12 +12 +11 +1 +0 +0 +0 +0 +1,234 +0 +8$/m);
    expect(printed).toContain("Received in (UTC)");
    expect(printed).toMatch(/^1970-01-01 00:00 +12 +11 +1 +0 +0 +0 +0 +1,234 +0$/m);
    expect(printed).toContain("In log 12 = 11 rows + 1 duplicates + 0 dead letters + 0 in gaps");
    expect(printed).toContain("In log 12 = 1,234 archive lines + 0 rows not archived yet + 1 dupl");
    expect(printed).toContain("Clean (1.5 s)");
    expect(printed).toContain("the archive is stopped: another log");
  });

  test("auditText() names the log when a topic has several", () => {
    const printed = text({ logs: [1, 2] });

    expect(printed).toContain("events (log 1) 4");
    expect(printed).toContain("events (log 2) 4");
  });

  test("auditText() notes that several groups work on the same tables", () => {
    expect(text({})).not.toContain("groups");
    expect(text({ groups: ["blue", "green"] })).toContain(
      "Note: Processors of 2 groups (blue, green) work on events (log 1)",
    );
  });

  test("auditText() leaves lines out and notes it when the archive was not audited", () => {
    const printed = text({ objectsListed: null });

    expect(printed).not.toContain("Lines");
    expect(printed).toContain("The archive is switched off");
  });

  test("auditText() prints the known fields of each example when something is wrong", () => {
    const findings = new Findings();
    const place = { log: 1, topic: "events", partition: 4 };
    findings.add("missing_row", { ...place, offset: "5", lastOffset: "8" }, 4);
    findings.add("object_unplanned", { key: "events/x", detail: "3 bytes" });

    const printed = text({ findings });

    expect(printed).toContain("4 offsets that no row, duplicate, dead letter or gap accounts for");
    expect(printed).toContain("partition 4 of events (log 1) offsets 5 to 8");
    expect(printed).toContain("events/x: 3 bytes");
    expect(printed).not.toContain("Clean");
  });

  test("auditText() says whether the counts are equal to the rows", () => {
    expect(text({})).toContain("Counts = rows, by hour and type");
    expect(text({ counts: "differ" })).toContain("bun run counts rebuild");
    expect(text({ counts: "not filled" })).toContain("still counts the rows");
    expect(text({ counts: "left out" })).not.toContain("Counts = rows");
  });

  test("auditText() reports when no partition was audited", () => {
    expect(text({ logs: [] })).toContain("There is nothing to audit");
  });
});
