/** Audits of archive objects that the real sink has stored, with one thing broken on purpose. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";

import { auditedData, example, kinds, type AuditedData } from "./testing/audit.ts";

const START_MS_MAX = 60_000;
let data: AuditedData;

beforeEach(async () => {
  data = await auditedData();
}, START_MS_MAX);
afterEach(() => data.close());

/** Rewrites an object, with its metadata lost. */
async function change(key: string, edit: (text: string) => string): Promise<void> {
  await data.store.write(key, edit(await data.store.file(key).text()));
}

describe("ArchiveCheck", () => {
  test("ArchiveCheck names the key when an object was deleted", async () => {
    const key = await data.keyAt(0, 10);
    await data.store.delete(key);

    const report = await data.audit();

    expect(kinds(report)).toEqual({ object_missing: 1 });
    expect(example(report, "object_missing")).toMatchObject({ offset: "10", key });
    expect(report.total).toMatchObject({ rows: 68, lines: 48 });
  });

  test("ArchiveCheck finds the digest and the event when a byte of an object was changed", async () => {
    const key = await data.keyAt(0, 10);
    const eventId = await data.eventIdAt(12);
    await change(key, (text) => text.replace(`{"offset":12,"a":1}`, `{"offset":12,"a":2}`));

    const report = await data.audit();

    expect(kinds(report)).toEqual({ object_differs: 1, line_differs: 1 });
    expect(example(report, "object_differs")?.detail).toContain("sha256");
    expect(example(report, "line_differs")).toMatchObject({
      offset: "12",
      eventId,
      key,
      detail: "payload",
    });
  });

  test("ArchiveCheck finds a changed byte when the object is compressed", async () => {
    const key = await data.keyAt(1, 0);
    const bytes = await data.store.file(key).bytes();
    const last = bytes.length - 20;
    bytes[last] = (bytes[last] ?? 0) ^ 1;
    await data.store.write(key, bytes);

    const report = await data.audit();

    expect(() => gunzipSync(bytes)).toThrow();
    expect(example(report, "object_differs")).toMatchObject({ partition: 1, key });
  });

  test("ArchiveCheck names the row when its line was removed", async () => {
    const key = await data.keyAt(0, 10);
    const eventId = await data.eventIdAt(12);
    await change(key, (text) => text.replace(/^.*"offset":12,.*\n/m, ""));

    const report = await data.audit();

    expect(kinds(report)).toEqual({ object_differs: 1, line_missing: 1 });
    expect(example(report, "line_missing")).toMatchObject({ offset: "12", eventId, key });
    expect(example(report, "object_differs")?.detail).toContain("9 lines, planned 10");
  });

  test("ArchiveCheck finds lines out of order, repeated lines and corrupt lines", async () => {
    const key = await data.keyAt(0, 0);
    await change(key, (text) => {
      const [first = "", second = "", ...others] = text.split("\n");
      return [second, first, first, "{}", ...others].join("\n");
    });

    const report = await data.audit();

    expect(kinds(report)).toEqual({
      object_differs: 1,
      line_order: 1,
      line_twice: 1,
      line_corrupt: 1,
    });
  });

  test("ArchiveCheck finds an object without a plan, and ignores an upload in progress", async () => {
    const key = await data.keyAt(0, 10);
    const extra = key.replace("-p0-00000000000000000010", "-p0-00000000000000000011");
    await data.store.write(extra, "{}\n");
    await data.store.write(`${data.keyPrefix}/notes.txt`, "hello");
    await data.store.write(`${key}-01a207c5-84ea-415d-b55c-a308fd6d017d`, "half");

    const report = await data.audit();

    expect(kinds(report)).toEqual({ object_unplanned: 2 });
    const found = report.problems[0]?.examples.map((each) => each.key).toSorted();
    expect(found).toEqual([extra, `${data.keyPrefix}/notes.txt`].toSorted());
  });

  test.each([
    [0, "0", "9"],
    [10, "10", "19"],
    [40, "40", "49"],
  ])("ArchiveCheck finds the gap when the range at %p was removed", async (first, offset, last) => {
    const key = await data.keyAt(0, first);
    await data.sql`delete from archive_objects where partition = 0 and first_offset = ${first}`;

    const report = await data.audit();

    expect(example(report, "range_gap")).toMatchObject({
      partition: 0,
      offset,
      lastOffset: last,
    });
    expect(example(report, "object_unplanned")).toMatchObject({ key });
    expect(kinds(report).line_missing).toBe(first === 40 ? 9 : 10);
  });

  test("ArchiveCheck finds the overlap when a range reaches into the next", async () => {
    await data.sql`
      update archive_objects set last_offset = 12 where partition = 0 and first_offset = 0`;

    const report = await data.audit();

    expect(example(report, "range_overlap")).toMatchObject({ offset: "10", lastOffset: "12" });
  });

  test("ArchiveCheck finds a range that is not stored below the position", async () => {
    await data.sql`
      update archive_objects set state = 'planned' where partition = 0 and first_offset = 10`;

    expect(kinds(await data.audit())).toEqual({ range_not_stored: 1 });
  });

  test("ArchiveCheck finds an archive that is ahead of its rows", async () => {
    await data.sql`update positions set next_offset = 5 where sink = 'postgres' and partition = 1`;

    expect(example(await data.audit(), "archive_ahead")).toMatchObject({ partition: 1 });
  });
});
