/** A dead letter and the event that was made of it, over a real PostgreSQL. */
import { expect, test } from "bun:test";
import { markOutcomes } from "../upkeep/resend_outcomes.ts";
import { lettersOfFile } from "./testing/dead_letters.ts";

const letters = lettersOfFile();
const MADE = { eventId: "made-1", partition: 0, offset: "700" };

test("POST /dead-letters/{id}/edited resolves the letter when the event is a row", async () => {
  const { postJson, show } = letters.routes();
  const id = await letters.letter({ offset: 1 });

  const first = await postJson(`/dead-letters/${id}/edited`, MADE);
  const again = await postJson(`/dead-letters/${id}/edited`, MADE);
  const before = await show(id);
  const receivedAt = "2026-01-31T07:00:00.000Z";
  await letters.database.insertEvent({ eventId: "made-1", offset: 700, receivedAt });
  await letters.passed(701);
  await markOutcomes(letters.database.sql);
  const after = await show(id);

  expect([first.status, first.body]).toEqual([
    200,
    { deadLetterId: id, ...MADE, topic: letters.database.topicLog.topic },
  ]);
  expect(again.status).toBe(200);
  expect(before).toMatchObject({ state: "resent", resendsTotal: 1 });
  expect(before.resends).toMatchObject([{ outcome: "waiting", eventId: "made-1" }]);
  expect(after).toMatchObject({ state: "resolved", resends: [{ outcome: "stored" }] });
});

test("POST /dead-letters/{id}/edited refuses an event of another letter, and a replaced letter", async () => {
  const { postJson } = letters.routes();
  const [first, second] = [
    await letters.letter({ offset: 1 }),
    await letters.letter({ offset: 2 }),
  ];
  await letters.database.sql`
    update dead_letters set superseded_by = ${first}::bigint, resolved_at = now()
    where id = ${second}::bigint`;

  const linked = await postJson(`/dead-letters/${first}/edited`, MADE);
  const third = await letters.letter({ offset: 3 });
  const taken = await postJson(`/dead-letters/${third}/edited`, MADE);
  const replaced = await postJson(`/dead-letters/${second}/edited`, { ...MADE, offset: "701" });
  const unknown = await postJson("/dead-letters/987654/edited", { ...MADE, offset: "702" });

  expect(linked.status).toBe(200);
  expect(taken.body).toMatchObject({ status: 400, code: "invalid_body" });
  expect(replaced.body).toMatchObject({ code: "dead_letter_superseded" });
  expect(unknown.body).toMatchObject({ code: "not_found" });
  expect(await letters.resends()).toBe(1);
});

test.each([
  {},
  { ...MADE, more: 1 },
  { ...MADE, eventId: "a b" },
  { ...MADE, partition: -1 },
  { ...MADE, partition: 1.5 },
  { ...MADE, offset: 7 },
  { ...MADE, offset: "1e3" },
])("POST /dead-letters/{id}/edited refuses the body %j", async (body) => {
  const { postJson } = letters.routes();
  const id = await letters.letter({ offset: 1 });

  const answer = await postJson(`/dead-letters/${id}/edited`, body);

  expect(answer.body).toMatchObject({ status: 400, code: "invalid_body" });
});
