/** What becomes of resent dead letters and of their bytes, over a real PostgreSQL. */
import { describe, expect, test } from "bun:test";
import { createMetrics, silentLog, eventually } from "@tally/shared";
import { readExcluded } from "../archive/plan.ts";
import { fakeProducer, lettersOfFile } from "../dead_letters/testing/dead_letters.ts";
import { clearResolved, markOutcomes, startResendOutcomes } from "./resend_outcomes.ts";

const letters = lettersOfFile();

describe("markOutcomes()", () => {
  /** Inserts a letter, resends it, and gives the id and the event's. */
  async function resent(offset: number): Promise<{ id: string; eventId: string }> {
    const { post } = letters.routes();
    const id = await letters.letter({ offset });
    const { body } = await post(`/dead-letters/${id}/resend`);
    return { id, eventId: (body as { eventId: string }).eventId };
  }

  test("markOutcomes() waits for the rows' position, then finds the row and resolves the letter", async () => {
    const { id, eventId } = await resent(1);
    const { show } = letters.routes();
    await letters.database.insertEvent({
      eventId,
      offset: 500,
      receivedAt: "2026-01-31T07:00:00.000Z",
    });

    await letters.passed(500);
    const before = await markOutcomes(letters.database.sql);
    await letters.passed(501);
    const after = await markOutcomes(letters.database.sql);
    const again = await markOutcomes(letters.database.sql);

    expect([before, after, again]).toEqual([[], [{ outcome: "stored", letters: 1 }], []]);
    const detail = await show(id);
    expect(detail).toMatchObject({ state: "resolved", supersededBy: null });
    expect(detail.resolvedAt).not.toBeNull();
    expect(detail.resends).toMatchObject([{ outcome: "stored", deadLetterId: null }]);
  });

  test("startResendOutcomes() marks and counts outcomes by itself", async () => {
    const { eventId } = await resent(1);
    const receivedAt = "2026-01-31T07:00:00.000Z";
    await letters.database.insertEvent({ eventId, offset: 500, receivedAt });
    await letters.passed(501);
    const metrics = createMetrics("processor");

    const upkeep = startResendOutcomes({
      isReady: () => true,
      sql: letters.database.sql,
      metrics,
      log: silentLog(),
      keptDays: 30,
      backoffMsMax: 100,
      random: () => 0,
    });
    const isCounted = async () =>
      (await metrics.expose()).includes('processor_resends_ended_total{outcome="stored"} 1');
    const wasCounted = await eventually(isCounted, 10_000);
    await upkeep.stop();

    expect(wasCounted).toBe(true);
  });

  test("markOutcomes() links a letter to the one that its resend became, until a row outranks it", async () => {
    const { producer } = fakeProducer();
    const { post, show } = letters.routes(producer);
    const id = await letters.letter({ offset: 1 });
    const first = await post(`/dead-letters/${id}/resend`);
    // A second copy, as versions before this one sent it.
    const { sql } = letters.database;
    await sql`
      insert into dead_letter_resends (log, partition, "offset", dead_letter, event_id)
      select log, partition, "offset" + 1, dead_letter, event_id from dead_letter_resends`;
    const again = await letters.letter({ offset: 500 });
    await letters.passed(501);

    expect(await markOutcomes(sql)).toEqual([{ outcome: "dead", letters: 1 }]);
    const superseded = await show(id);
    const refused = await post(`/dead-letters/${id}/resend`);
    const { eventId } = first.body as { eventId: string };
    await letters.database.insertEvent({
      eventId,
      offset: 501,
      receivedAt: "2026-01-31T07:00:00.000Z",
    });
    await letters.passed(502);
    await markOutcomes(letters.database.sql);

    expect(superseded).toMatchObject({ state: "superseded", supersededBy: again });
    expect(superseded.resends).toMatchObject([
      { outcome: "waiting" },
      { outcome: "dead", deadLetterId: again },
    ]);
    expect(refused).toMatchObject({ status: 409, body: { code: "dead_letter_superseded" } });
    expect(await show(again)).toMatchObject({ state: "open" });
    expect(await show(id)).toMatchObject({ state: "resolved", supersededBy: null });
  });

  test("markOutcomes() leaves a letter open when its copy is neither a row nor a letter", async () => {
    const { id } = await resent(1);
    const { post, show } = letters.routes();
    await letters.passed(501);

    expect(await markOutcomes(letters.database.sql)).toEqual([{ outcome: "lost", letters: 1 }]);

    expect(await show(id)).toMatchObject({ state: "open", resends: [{ outcome: "lost" }] });
    expect((await post("/dead-letters/resend?code=database_rejected")).body).toMatchObject({
      resent: 1,
    });
  });
});

describe("clearResolved()", () => {
  test("clearResolved() blanks old, resolved, published letters and keeps what accounts for their offsets", async () => {
    const { sql, topicLog } = letters.database;
    const { show, post } = letters.routes();
    const ids: Record<string, string> = {};
    for (const [offset, name] of ["old", "young", "unpublished", "open"].entries()) {
      ids[name] = await letters.letter({
        offset,
        key: Buffer.from("k"),
        headers: [{ key: "h", value: null }],
      });
    }
    await sql`update dead_letters set published_at = now() where id <> ${ids["unpublished"] ?? ""}`;
    await sql`
      update dead_letters set resolved_at = now() - interval '31 days'
      where id in (${ids["old"] ?? ""}, ${ids["unpublished"] ?? ""})`;
    await sql`update dead_letters set resolved_at = now() where id = ${ids["young"] ?? ""}`;

    const cleared = [await clearResolved(sql, 30), await clearResolved(sql, 30)];

    expect(cleared).toEqual([1, 0]);
    const old = await show(ids["old"] ?? "");
    expect(old).toMatchObject({
      offset: "0",
      key: null,
      value: null,
      headers: [],
      state: "resolved",
    });
    expect(old.clearedAt).toMatch(/Z$/);
    for (const name of ["young", "unpublished", "open"]) {
      expect(await show(ids[name] ?? "")).toMatchObject({ clearedAt: null, key: { text: "k" } });
    }
    const range = { firstOffset: 0n, nextOffset: 4n };
    await letters.passed(4);
    const excluded = await readExcluded(
      sql,
      { logNumber: topicLog.logNumber, partition: 0 },
      range,
    );
    expect([...(excluded ?? [])].toSorted()).toEqual(["0", "1", "2", "3"]);
    expect(await post(`/dead-letters/${ids["old"]}/resend`)).toMatchObject({
      status: 410,
      body: { code: "dead_letter_cleared" },
    });
  });
});
