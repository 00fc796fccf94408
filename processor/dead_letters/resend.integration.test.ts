/** One dead letter sent again, over a real table; a real producer where no broker answers. */
import { decodeRecord, isRecordFault, REJECTED_HEADERS } from "@tally/shared";
import { connectProducer } from "@tally/shared/kafka";
import { describe, expect, test } from "bun:test";
import type { LetterProducer } from "./publish.ts";
import { markOutcomes } from "../upkeep/resend_outcomes.ts";
import { fakeProducer, lettersOfFile, VALUE } from "./testing/dead_letters.ts";

const letters = lettersOfFile();

describe("POST /dead-letters/{id}/resend", () => {
  test("POST /dead-letters/{id}/resend publishes the exact record with its link, answers its place, and records it", async () => {
    const { producer, records } = fakeProducer();
    const { post, show, metrics } = letters.routes(producer);
    const id = await letters.letter({
      offset: 41,
      key: Buffer.from([0xff, 0x00]),
      headers: [{ key: "own", value: Buffer.from("kept") }],
    });

    const { status, body } = await post(`/dead-letters/${id}/resend`);

    const [record] = records;
    expect([record?.key, record?.value]).toEqual([Buffer.from([0xff, 0x00]), VALUE]);
    expect(record?.headers?.map(({ key, value }) => [key, value?.toString()])).toEqual([
      ["own", "kept"],
      ["tally.dead-letter.id", id],
      ["tally.dead-letter.origin", `${letters.database.topicLog.topicId}/0/41/1769843612345`],
    ]);
    const original = { partition: 0, offset: 41n, timestampMs: 1_769_843_612_345, value: VALUE };
    const event = decodeRecord(original, letters.database.topicLog.topicId);
    const eventId = isRecordFault(event) ? "none" : event.eventId;
    const place = { topic: "events", partition: 0, offset: "500" };
    expect([status, body]).toEqual([202, { deadLetterId: id, eventId, ...place }]);
    const detail = await show(id);
    expect(detail).toMatchObject({ state: "resent", resolvedAt: null, resendsTotal: 1 });
    expect(detail.resends).toEqual([
      {
        resentAt: expect.stringMatching(/Z$/) as string,
        ...place,
        eventId,
        outcome: "waiting",
        deadLetterId: null,
      },
    ]);
    const counted = await metrics.processor_dead_letters_resent_total.get();
    expect(counted.values).toMatchObject([{ value: 1, labels: { code: "database_rejected" } }]);
  });

  test("POST /dead-letters/{id}/resend drops the headers of a rejection, and names the event that the copy is", async () => {
    const { producer, records } = fakeProducer();
    const { post } = letters.routes(producer);
    const text = (key: string, value: string) => ({ key, value: Buffer.from(value) });
    const id = await letters.letter({
      offset: 42,
      headers: [
        text("own", "kept"),
        text(REJECTED_HEADERS.code, "event_too_complex"),
        text(REJECTED_HEADERS.source, "shop"),
      ],
    });

    const { body } = await post(`/dead-letters/${id}/resend`);

    expect(records[0]?.headers?.map(({ key }) => key)).toEqual([
      "own",
      "tally.dead-letter.id",
      "tally.dead-letter.origin",
    ]);
    const original = { partition: 0, offset: 42n, timestampMs: 1_769_843_612_345, value: VALUE };
    const event = decodeRecord(original, letters.database.topicLog.topicId);
    expect(body).toMatchObject({ eventId: isRecordFault(event) ? "none" : event.eventId });
  });

  test("POST /dead-letters/{id}/resend sends one copy when twenty ask at once, of each of two processors", async () => {
    const { producer, records } = fakeProducer();
    const processors = [letters.routes(producer), letters.routes(producer)];
    for (let round = 1; round <= 20; round++) {
      const id = await letters.letter({ offset: round });

      const answers = await Promise.all(
        processors.flatMap(({ post }) =>
          Array.from({ length: 20 }, () => post(`/dead-letters/${id}/resend`)),
        ),
      );

      const refused = answers.filter(({ status }) => status === 409);
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
      expect(refused).toHaveLength(39);
      for (const { body } of refused) expect(body).toMatchObject({ code: "dead_letter_resent" });
      expect([records.length, await letters.resends()]).toEqual([round, round]);
    }
  });

  test("POST /dead-letters/{id}/resend sends no second copy until it is known what became of the first", async () => {
    const { post, show } = letters.routes();
    const id = await letters.letter({ offset: 1 });
    const { sql } = letters.database;
    const send = async () => (await post(`/dead-letters/${id}/resend`)).status;

    expect([await send(), await send()]).toEqual([202, 409]);
    await letters.passed(501);
    await markOutcomes(sql);
    // Kafka had deleted the copy before it was read.
    expect(await show(id)).toMatchObject({ state: "open", resends: [{ outcome: "lost" }] });
    expect([await send(), await send()]).toEqual([202, 409]);
    // The topic was deleted and made again: nobody reads the copy any more.
    await sql`update dead_letter_resends set log = log + 1 where outcome is null`;
    expect([await send(), await send()]).toEqual([202, 409]);
  });

  test.each([
    ["that was killed a minute ago", "-1 second"],
    ["from before the server's clock was set back", "1 hour"],
  ])(
    "POST /dead-letters/{id}/resend is not kept by the claim of a process %s",
    async (_, interval) => {
      const { post } = letters.routes();
      const id = await letters.letter({ offset: 1 });
      const claim = (until: string) => letters.database.sql`
      update dead_letters set resending_until = now() + ${until}::text::interval where id = ${id}`;

      await claim("30 seconds");
      const one = await post(`/dead-letters/${id}/resend`);
      const many = await post("/dead-letters/resend?code=database_rejected");
      await claim(interval);
      const later = await post(`/dead-letters/${id}/resend`);

      expect([one.status, many.body]).toEqual([
        409,
        { resent: 0, ids: [], refused: [], next: null },
      ]);
      expect(later.status).toBe(202);
    },
  );

  test("POST /dead-letters/resend and single ones at once send one copy of each letter", async () => {
    const { producer, records } = fakeProducer();
    const processors = [letters.routes(producer), letters.routes(producer)];
    const ids: string[] = [];
    for (let offset = 0; offset < 40; offset++) ids.push(await letters.letter({ offset }));

    await Promise.all([
      ...processors.map(({ post }) => post("/dead-letters/resend?code=database_rejected")),
      ...ids.slice(0, 6).map((id) => processors[0]?.post(`/dead-letters/${id}/resend`)),
    ]);

    expect([records.length, await letters.resends()]).toEqual([40, 40]);
  });

  test("POST /dead-letters/{id}/resend answers overloaded when too many are in progress", async () => {
    const silent: LetterProducer = { produceBatch: () => undefined };
    const { post } = letters.routes(silent);
    const ids: string[] = [];
    for (let offset = 1; offset <= 9; offset++) ids.push(await letters.letter({ offset }));

    const waiting = ids.slice(1).map((id) => post(`/dead-letters/${id}/resend`));
    const refused = await post(`/dead-letters/${ids[0]}/resend`);

    expect([refused.status, refused.body]).toMatchObject([503, { code: "overloaded" }]);
    expect(waiting).toHaveLength(8);
  });

  test("POST /dead-letters/{id}/resend answers broker_unavailable and changes nothing when no broker answers", async () => {
    const producer = await connectProducer(
      { bootstrapServers: "127.0.0.1:1" },
      {
        lingerMs: 1,
        messageTimeoutMs: 1000,
        queueRecordsMax: 100,
        queueBytesMax: 1_000_000,
        compression: "none",
        connectTimeoutMs: 200,
      },
    );
    const { post, show } = letters.routes(producer);
    const id = await letters.letter({ offset: 1 });

    const one = await post(`/dead-letters/${id}/resend`);
    const many = await post("/dead-letters/resend?code=database_rejected");
    await producer.disconnect(1000);

    for (const { status, headers, body } of [one, many]) {
      expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(body).toMatchObject({ code: "broker_unavailable" });
    }
    expect(await show(id)).toMatchObject({ state: "open", resendsTotal: 0 });
  });

  test("POST /dead-letters/{id}/resend answers broker_unavailable while the topic is not known", async () => {
    const { post } = letters.routes(undefined, { topicLog: () => null });

    expect(await post("/dead-letters/1/resend")).toMatchObject({ status: 503 });
  });

  test("POST /dead-letters/{id}/resend answers dead_letter_superseded for one that a newer one has replaced", async () => {
    const { producer, records } = fakeProducer();
    const { post } = letters.routes(producer);
    const [old, newer] = [await letters.letter({ offset: 1 }), await letters.letter({ offset: 2 })];
    const { sql } = letters.database;
    await sql`update dead_letters set resolved_at = now(), superseded_by = ${newer} where id = ${old}`;

    const { status, body } = await post(`/dead-letters/${old}/resend`);

    expect([status, body]).toMatchObject([409, { code: "dead_letter_superseded" }]);
    expect(records).toEqual([]);
    expect((await post(`/dead-letters/${newer}/resend`)).status).toBe(202);
  });

  test("POST /dead-letters/{id}/resend answers not_found when there is none", async () => {
    const { post } = letters.routes();

    for (const id of ["999999", "x", "-1", "99999999999999999999"]) {
      const { status, body } = await post(`/dead-letters/${id}/resend`);
      expect([status, body]).toMatchObject([404, { code: "not_found" }]);
    }
  });

  test("POST /dead-letters/{id}/resend answers dead_letter_too_large for one above the resend's limit or the topic's", async () => {
    const { producer, records } = fakeProducer(() => "too_large");
    const { post } = letters.routes(producer);
    const large = await letters.letter({ offset: 1, value: Buffer.alloc(900_001, 65) });
    const refused = await letters.letter({ offset: 2 });

    for (const id of [large, refused]) {
      const { status, body } = await post(`/dead-letters/${id}/resend`);
      expect([status, body]).toMatchObject([422, { code: "dead_letter_too_large" }]);
    }
    expect([records.length, await letters.resends()]).toEqual([0, 0]);
  });

  test("POST /dead-letters/{id}/resend answers broker_rejected when Kafka refuses it for another reason", async () => {
    const { post } = letters.routes(fakeProducer(() => "rejected").producer);
    const id = await letters.letter({ offset: 1 });

    const { status, body } = await post(`/dead-letters/${id}/resend`);

    expect([status, body]).toMatchObject([500, { code: "broker_rejected" }]);
  });
});
