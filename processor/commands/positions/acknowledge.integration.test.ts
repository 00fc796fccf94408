/** A loss from its row in the table to its acknowledgement, and what the audit says of it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { auditedData, example, kinds, type AuditedData } from "../audit/testing/audit.ts";
import { acknowledge } from "./acknowledge.ts";
import type { AcknowledgeCommand } from "./arguments.ts";

const START_MS_MAX = 60_000;
const PARTITION = 3;
let data: AuditedData;

beforeEach(async () => {
  data = await auditedData();
  const { sql, topicLog } = data;
  await sql`
    insert into positions (sink, log, partition, next_offset, planned_to)
    select sink, ${topicLog.logNumber}, ${PARTITION}, 24, 24
    from unnest(array['postgres', 'archive']) as sink`;
  await sql`
    insert into offset_gaps (sink, log, partition, first_offset, last_offset, offsets, lost)
    values ('postgres', ${topicLog.logNumber}, ${PARTITION}, 0, 23, 24, true)`;
  await sql`
    insert into archive_objects
      (log, partition, first_offset, last_offset, format, encoder, events, bytes, sha256, state)
    values (${topicLog.logNumber}, ${PARTITION}, 0, 23, 'json', 1, 0, 0, '', 'stored')`;
  await sql`
    insert into offset_gaps (sink, log, partition, first_offset, last_offset, offsets, rebuilt)
    values ('archive', ${topicLog.logNumber}, ${PARTITION}, 0, 23, 24, 0)`;
}, START_MS_MAX);
afterEach(() => data.close());

async function acknowledged(changes: Partial<AcknowledgeCommand> = {}, agrees = true) {
  const command = { name: "acknowledge", partition: null, note: null, by: null, isAgreed: false };
  const said: string[] = [];
  const refusal = await acknowledge(data.sql, { ...command, ...changes } as AcknowledgeCommand, {
    print: (text) => said.push(text),
    ask: () => agrees,
    user: "the operator",
  });
  return { refusal, text: said.join("") };
}

describe("acknowledge()", () => {
  test("acknowledge() keeps who took note, when and why, and the audit is clean again", async () => {
    const before = await data.audit();
    const { refusal, text } = await acknowledged({ note: "retention was 1 h" });
    const after = await data.audit();

    expect(kinds(before)).toEqual({ lost_records: 24 });
    expect(example(before, "lost_records")).toMatchObject({ partition: PARTITION, offset: "0" });
    expect(before.total).toMatchObject({ lost: 24, gaps: 10 });
    expect(refusal).toBeNull();
    expect(text).toContain("24 records of partition 3");
    expect(after.problems).toEqual([]);
    expect(after.notes.join()).toContain("acknowledged by the operator");
    expect(after.notes.join()).toContain("retention was 1 h");
  });

  test("acknowledge() changes nothing when the answer is no, or the partition is another", async () => {
    const declined = await acknowledged({}, false);
    const other = await acknowledged({ partition: 1 });

    expect(declined.refusal).toMatchObject({ kind: "refused" });
    expect(other.text).toBe("There is no loss to acknowledge.\n");
    expect(kinds(await data.audit())).toEqual({ lost_records: 24 });
  });
});
