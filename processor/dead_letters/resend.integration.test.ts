/** One dead letter sent again, over a real table; a real producer where no broker answers. */
import { decodeRecord, isRecordFault } from "@tally/shared";
import { connectProducer } from "@tally/shared/kafka";
import { describe, expect, test } from "bun:test";
import type { LetterProducer } from "./publish.ts";
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

  test("POST /dead-letters/{id}/resend keeps every copy of many concurrent requests", async () => {
    const { post, show } = letters.routes();
    const id = await letters.letter({ offset: 1 });

    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(`/dead-letters/${id}/resend`)),
    );

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    const detail = await show(id);
    const offsets = detail.resends.map(({ offset }) => Number(offset)).toSorted((a, b) => a - b);
    expect([detail.resendsTotal, offsets]).toEqual([8, [500, 501, 502, 503, 504, 505, 506, 507]]);
  });

  test("POST /dead-letters/{id}/resend answers overloaded when too many are in progress", async () => {
    const silent: LetterProducer = { produceBatch: () => undefined };
    const { post } = letters.routes(silent);
    const id = await letters.letter({ offset: 1 });

    const waiting = Array.from({ length: 8 }, () => post(`/dead-letters/${id}/resend`));
    const refused = await post(`/dead-letters/${id}/resend`);

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
