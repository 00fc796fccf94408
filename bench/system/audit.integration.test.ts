/** The command `audit` next to a whole system that is under load. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually, runCommand, type CommandResult } from "@tally/shared";
import { testStack } from "@tally/stack/testing";
import { SQL } from "bun";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditReport } from "@tally/processor/commands/audit/report";

import { auditSystem } from "./audit_system.ts";
import type { System } from "./system.ts";
import { startedSystem } from "./testing/started_system.ts";

const ROOT = join(import.meta.dir, "..", "..");
const COMMAND = [process.execPath, join(ROOT, "processor", "commands", "audit", "main.ts")];
const START_MS_MAX = 120_000;
const TEST_MS_MAX = 180_000;
let system: System;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tally-audit-"));
  system = await startedSystem(await testStack(), Bun.env);
}, START_MS_MAX);
afterAll(async () => {
  await system.close();
  await rm(folder, { recursive: true });
}, 60_000);

function command(...words: string[]): Promise<CommandResult> {
  return runCommand([...COMMAND, ...words], { env: system.env });
}

/** Runs the load test against the system; resolves when it has counted. */
function load(...words: string[]): Promise<CommandResult> {
  const [ingest] = system.ingests;
  const program = [process.execPath, join(ROOT, "bench", "load.ts"), "--url", ingest.url];
  return runCommand([...program, ...words], { cwd: ROOT, env: system.env });
}

describe("audit", () => {
  test(
    "audit is clean whenever it runs while the system is under load, and adds up afterwards",
    async () => {
      const reports: AuditReport[] = [];
      let isOver = false;
      const loading = load("--rate", "2000", "--seconds", "10", "--batch", "20").finally(
        () => (isOver = true),
      );
      while (!isOver) reports.push(await auditSystem(system, Date.now));
      const { exitCode } = await loading;
      const isArchived = await eventually(async () => {
        const { total } = await auditSystem(system, Date.now);
        return total.unarchived === 0;
      }, 20_000);
      const last = await auditSystem(system, Date.now);

      expect(reports.flatMap(({ problems }) => problems)).toEqual([]);
      // The audits ran during the writing: they saw different totals, and rows not yet archived.
      expect(new Set(reports.map(({ total }) => total.rows)).size).toBeGreaterThan(3);
      expect(reports.some(({ total }) => total.unarchived > 0 && total.lines > 0)).toBe(true);
      expect({ exitCode, isArchived }).toEqual({ exitCode: 0, isArchived: true });
      expect(last.total).toMatchObject({ inLog: 20_000, rows: 20_000, lines: 20_000, missing: 0 });
      expect(last.partitions.map(({ lagRecords }) => lagRecords)).toEqual([0, 0, 0, 0, 0, 0]);
    },
    TEST_MS_MAX,
  );

  test(
    "audit exits with 0 and prints the ledger when all is well, with 1 and the offset when not",
    async () => {
      const file = join(folder, "report.json");
      const sql = new SQL(system.database.url, { max: 1 });

      const lastAudit = async () => (await sql`select problems::integer from last_audit`)[0];
      await command("--partition", "0");
      const partial = await lastAudit();
      const clean = await command("--json", file);
      const noted = await lastAudit();
      const [row] = await sql`delete from web_events where event_id =
        (select max(event_id) from web_events) returning event_id, "offset"::text`;
      const broken = await command();
      const notedBroken = await lastAudit();
      const reported = (await Bun.file(file).json()) as AuditReport;
      await sql.close();

      expect(clean.text).toMatch(/In log ([\d,]+) = \1 rows \+ 0 duplicates/);
      expect(clean.text).toContain("Clean");
      expect(clean.exitCode).toBe(0);
      expect(reported.isClean).toBe(true);
      expect(broken.text).toContain(`offset ${row.offset}`);
      expect(broken.text).toContain(`event ${row.event_id}`);
      expect(broken.exitCode).toBe(1);
      expect([partial, noted]).toEqual([undefined, { problems: 0 }]);
      expect(notedBroken.problems).toBeGreaterThan(0);
    },
    TEST_MS_MAX,
  );

  test("audit reports a log that Kafka no longer has", async () => {
    const sql = new SQL(system.database.url, { max: 1 });
    const [made] = await sql`
      insert into logs (topic, topic_id) select topic, 'gone' from logs returning log`;
    await sql`
      insert into positions (sink, log, partition, next_offset, planned_to)
      values ('postgres', ${made.log}, 0, 0, 0)`;

    const { notes, partitions } = await auditSystem(system, Date.now);
    await sql`delete from positions where log = ${made.log}`;
    await sql.close();

    expect(notes.join("\n")).toContain("that Kafka no longer has");
    expect(partitions.map(({ lagRecords }) => lagRecords)).toEqual([0, 0, 0, 0, 0, 0, null]);
    expect(partitions[0]?.highWatermark).toBe(partitions[0]?.nextOffset ?? "");
  });

  test("audit exits with 2 when an argument is invalid or the database is absent", async () => {
    const invalid = await command("--from", "yesterday");
    const env = { ...Bun.env, DATABASE_URL: "postgres://a:b@127.0.0.1:1/c" };
    const absent = await runCommand(COMMAND, { env });

    expect(invalid).toMatchObject({ exitCode: 2, text: "" });
    expect(invalid.problems).toContain("--from");
    expect(absent.problems).toContain("bun run up");
    expect(absent.exitCode).toBe(2);
  });
});
