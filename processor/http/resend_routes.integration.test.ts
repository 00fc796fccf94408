/** Who may call the routes that change something, and the resend of many. */
import type { OutgoingRecord } from "@tally/shared/kafka";
import { describe, expect, test } from "bun:test";
import { fakeProducer, lettersOfFile } from "../dead_letters/testing/dead_letters.ts";

const letters = lettersOfFile();

describe("resend routes", () => {
  test("POST resends nothing without a JSON content type, which only pages of listed origins may send", async () => {
    const { producer, records } = fakeProducer();
    const { post, ask } = letters.routes(producer);
    const id = await letters.letter({ offset: 1 });
    const paths = [`/dead-letters/${id}/resend`, "/dead-letters/resend?code=database_rejected"];

    // Content types that any page may send without a preflight.
    for (const type of [
      "",
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/jsonp",
    ]) {
      for (const path of paths) {
        const { status, body } = await post(path, type === "" ? {} : { "content-type": type });
        expect([status, body]).toMatchObject([415, { code: "unsupported_type" }]);
      }
    }
    for (const path of paths) {
      expect(await ask("GET", path.replace(/\?.*/, ""))).toMatchObject({
        status: 405,
      });
    }
    expect(records).toEqual([]);
    expect(
      await post(paths[0] ?? "", { "content-type": "Application/JSON; charset=utf-8" }),
    ).toMatchObject({
      status: 202,
    });
  });
});

describe("POST /dead-letters/resend", () => {
  test("POST /dead-letters/resend sends those of one code, oldest first, and reports that more are left", async () => {
    const { producer, records } = fakeProducer();
    const { post } = letters.routes(producer);
    const made: string[] = [];
    for (let offset = 0; offset < 40; offset++) {
      made.push(await letters.letter({ offset, value: Buffer.from(`{"n":${offset}}`) }));
    }
    await letters.letter({ offset: 40, code: "record_corrupt" });

    const first = await post("/dead-letters/resend?code=database_rejected&limit=30");
    const second = await post("/dead-letters/resend?code=database_rejected&limit=30");
    const third = await post("/dead-letters/resend?code=database_rejected");

    const next = expect.any(String) as string;
    expect([first.status, first.body]).toEqual([
      202,
      { resent: 30, ids: made.slice(0, 30), refused: [], next },
    ]);
    expect(second.body).toMatchObject({ resent: 10, ids: made.slice(30), next: null });
    expect(third.body).toEqual({ resent: 0, ids: [], refused: [], next: null });
    expect(records.map(({ value }) => value?.toString())).toEqual(
      Array.from({ length: 40 }, (_, offset) => `{"n":${offset}}`),
    );
  });

  test("POST /dead-letters/resend names those it can't send and continues after them", async () => {
    const isOdd = ({ value }: OutgoingRecord) => value?.toString() === "odd";
    const { producer } = fakeProducer((record) => (isOdd(record) ? "rejected" : "ok"));
    const { post } = letters.routes(producer);
    const large = await letters.letter({ offset: 1, value: Buffer.alloc(900_001, 65) });
    const odd = await letters.letter({ offset: 2, value: Buffer.from("odd") });
    await letters.letter({ offset: 3 });

    const first = await post("/dead-letters/resend?code=database_rejected&limit=2");
    const { next } = first.body as { next: string };
    const second = await post(`/dead-letters/resend?code=database_rejected&limit=2&after=${next}`);

    expect(first.body).toMatchObject({
      resent: 0,
      refused: [
        { id: large, code: "dead_letter_too_large" },
        { id: odd, code: "broker_rejected" },
      ],
    });
    expect(second.body).toMatchObject({ resent: 1, refused: [], next: null });
  });

  test("POST /dead-letters/resend keeps what was acknowledged when Kafka goes away, and a repeat skips it", async () => {
    let isAway = true;
    const { producer, records } = fakeProducer(({ value }) =>
      isAway && value?.toString() === "late" ? "away" : "ok",
    );
    const { post } = letters.routes(producer);
    await letters.letter({ offset: 1 });
    await letters.letter({ offset: 2, value: Buffer.from("late") });

    const first = await post("/dead-letters/resend?code=database_rejected");
    const known = await letters.resends();
    isAway = false;
    const second = await post("/dead-letters/resend?code=database_rejected");

    expect([first.status, known]).toEqual([503, 1]);
    expect(second.body).toMatchObject({ resent: 1, refused: [], next: null });
    expect(records).toHaveLength(2);
  });

  test("POST /dead-letters/resend answers invalid_parameter without a code, or with an unknown one", async () => {
    const { post } = letters.routes();

    for (const query of ["", "?code=x", "?code=id_conflict&limit=0", "?code=id_conflict&a=1"]) {
      const { status, body } = await post(`/dead-letters/resend${query}`);
      expect([status, body]).toMatchObject([400, { code: "invalid_parameter" }]);
    }
  });
});
