/** The command against a fake processor; bench/system/ runs it against a real one. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { runDeadLetters } from "./run.ts";
import { letterText, plain } from "./text.ts";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly type: string | null;
}

let server: ReturnType<typeof Bun.serve>;
let asked: Asked[];
/** Answers by path without query, in their order. */
let answers: Record<string, readonly [status: number, body: object][]>;

beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { pathname, search } = new URL(request.url);
      const type = request.headers.get("content-type");
      asked.push({ method: request.method, path: `${pathname}${search}`, type });
      const [answer, ...others] = answers[pathname] ?? [];
      if (others.length > 0) answers[pathname] = others;
      const [status, body] = answer ?? [404, { code: "not_found", title: "There is nothing here" }];
      return Response.json(body, { status });
    },
  });
});
afterAll(() => server.stop(true));
beforeEach(() => {
  asked = [];
  answers = {};
});

async function run(words: readonly string[], isAgreed = true) {
  let printed = "";
  let complained = "";
  const questions: string[] = [];
  const exitCode = await runDeadLetters(words, {
    processorUrl: () => server.url.origin,
    key: () => null,
    print: (text) => (printed += text),
    complain: (text) => (complained += text),
    confirm(question) {
      questions.push(question);
      return isAgreed;
    },
  });
  return { exitCode, printed, complained, questions };
}

const TIME = "2026-01-31T07:00:00.000Z";
const CODE = { code: "database_rejected", count: 1200, firstSeen: TIME, lastSeen: TIME };
const LETTER = {
  id: "17",
  code: "database_rejected",
  pointer: "",
  message: "PostgreSQL refuses a row",
  topic: "events",
  partition: 2,
  offset: "41",
  eventId: null,
  firstSeen: TIME,
  publishedAt: TIME,
  state: "open",
  resolvedAt: null,
  supersededBy: null,
  clearedAt: null,
} as const;

describe("runDeadLetters()", () => {
  test("runDeadLetters() lists codes and the newest letters", async () => {
    answers["/dead-letters/codes"] = [
      [200, { codes: [{ ...CODE, unresolved: 3, onTheirWay: 1 }] }],
    ];
    answers["/dead-letters"] = [[200, { deadLetters: [LETTER], next: "more" }]];

    const { exitCode, printed } = await run([]);

    expect(exitCode).toBe(0);
    expect(printed)
      .toBe(`CODE               OPEN  ON THEIR WAY  RESOLVED OR REPLACED  FIRST SEEN                LAST SEEN
database_rejected  2     1             1,197                 ${TIME}  ${TIME}

ID  STATE  CODE               PARTITION  OFFSET  FIRST SEEN                EVENT ID
17  open   database_rejected  2          41      ${TIME}  -
These are the newest 1; --limit shows more.
`);
    expect(asked.map(({ path }) => path).toSorted()).toEqual([
      "/dead-letters/codes",
      "/dead-letters?limit=20",
    ]);
  });

  test("runDeadLetters() reports that there are none", async () => {
    answers["/dead-letters/codes"] = [[200, { codes: [] }]];
    answers["/dead-letters"] = [[200, { deadLetters: [], next: null }]];

    expect(await run(["list"])).toMatchObject({ printed: "There are no dead letters.\n" });
    expect(await run(["list", "--code", "id_conflict"])).toMatchObject({
      printed: "There are no dead letters of code id_conflict.\n",
    });
  });

  test("runDeadLetters() sends one again with the content type that the processor needs", async () => {
    const place = { topic: "events", partition: 1, offset: "9", deadLetterId: "17", eventId: "e1" };
    answers["/dead-letters/17/resend"] = [[202, place]];

    const { exitCode, printed } = await run(["resend", "17"]);

    expect([exitCode, printed]).toEqual([
      0,
      "Sent again: events, partition 1, offset 9; event e1.\n",
    ]);
    expect(asked).toEqual([
      { method: "POST", path: "/dead-letters/17/resend", type: "application/json" },
    ]);
  });

  test("runDeadLetters() sends many page by page, no more than there were when it asked", async () => {
    answers["/dead-letters/codes"] = [[200, { codes: [{ ...CODE, unresolved: 1002 }] }]];
    const refused = [{ id: "7", code: "dead_letter_too_large" }];
    answers["/dead-letters/resend"] = [
      [202, { resent: 999, refused, next: "a" }],
      [202, { resent: 2, refused: [], next: "b" }],
    ];

    const { exitCode, printed, questions } = await run(["resend", "--code", "database_rejected"]);

    expect(questions).toEqual(["Send up to 1,002 dead letters of code database_rejected again?"]);
    expect(asked.slice(1).map(({ path }) => path)).toEqual([
      "/dead-letters/resend?code=database_rejected&limit=1000",
      "/dead-letters/resend?code=database_rejected&limit=2&after=a",
    ]);
    expect([exitCode, printed]).toEqual([
      1,
      "Sent again: 999 so far, up to 2 to go.\nSent again: 1001. More are left.\nNot sent: dead letter 7, dead_letter_too_large.\n",
    ]);
  });

  test("runDeadLetters() sends nothing when the answer is no, and does not ask with --yes", async () => {
    answers["/dead-letters/codes"] = [[200, { codes: [{ ...CODE, unresolved: 5 }] }]];
    answers["/dead-letters/resend"] = [[202, { resent: 2, refused: [], next: null }]];
    const words = ["resend", "--code", "database_rejected", "--limit", "2"];

    const no = await run(words, false);
    const yes = await run([...words, "--yes"], false);

    expect(no).toMatchObject({ exitCode: 1, printed: "Nothing was sent.\n" });
    expect(yes).toMatchObject({ exitCode: 0, printed: "Sent again: 2.\n", questions: [] });
    expect(asked.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  test("runDeadLetters() asks about one letter as one", async () => {
    answers["/dead-letters/codes"] = [[200, { codes: [{ ...CODE, unresolved: 1 }] }]];

    const { questions } = await run(["resend", "--code", "database_rejected"], false);

    expect(questions).toEqual(["Send the dead letter of code database_rejected again?"]);
  });

  test("runDeadLetters() reports what the processor refuses, and when nothing answers", async () => {
    answers["/dead-letters/1/resend"] = [
      [503, { code: "broker_unavailable", title: "Kafka can't store the events now" }],
    ];
    const away = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    await away.stop(true);

    const unknown = await run(["show", "99"]);
    const refused = await run(["resend", "1"]);
    const unanswered = await run(["list", "--url", away.url.origin]);
    const wrong = await run(["nonsense"]);

    expect(unknown).toMatchObject({
      exitCode: 1,
      complained: "Cannot GET /dead-letters/99: There is nothing here (not_found, status 404)\n",
    });
    expect(refused.complained).toContain("Kafka can't store the events now (broker_unavailable");
    expect([unanswered.exitCode, wrong.exitCode]).toEqual([2, 2]);
    expect(unanswered.complained).toContain(
      `${away.url.origin}: nothing answers there\nIs it running?`,
    );
    expect(wrong.complained).toContain("dead-letters --help");
  });
});

describe("letterText()", () => {
  test("letterText() shows everything, with control characters escaped", () => {
    const bytes = (text: string | null, base64 = "") => ({ text, base64 });
    const text = letterText({
      ...LETTER,
      state: "superseded",
      resolvedAt: TIME,
      supersededBy: "18",
      recordTimestampMs: "1",
      key: bytes(null, "/wA="),
      value: bytes("\u001b[31mred\u202e\n"),
      headers: [{ key: "own", value: null }],
      resendsTotal: 3,
      resends: [
        {
          resentAt: TIME,
          topic: "events",
          partition: 0,
          offset: "50",
          eventId: null,
          outcome: "dead",
          deadLetterId: "18",
        },
      ],
    });

    expect(text).toBe(`Dead letter  17
State        replaced by dead letter 18, ${TIME}
Reason       PostgreSQL refuses a row (database_rejected)
Log          events, partition 2, offset 41
Event id     could not be read
First seen   ${TIME}
On the DLQ   ${TIME}
Resent       ${TIME} to partition 0, offset 50: a dead letter again (18)
Resent       2 times before
Key          base64 /wA=
Header       own: none
Value        \\u{1b}[31mred\\u{202e}\\u{a}
`);
    expect(plain("plain ä 😀")).toBe("plain ä 😀");
  });
});
