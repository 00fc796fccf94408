/** Dead letters over a real table, and a producer that the test plays. Test support only. */
import { afterAll, beforeAll, beforeEach } from "bun:test";
import { createMetrics, PipelineError, silentLog } from "@tally/shared";
import type { OutgoingRecord } from "@tally/shared/kafka";
import { testNames, testStack } from "@tally/stack/testing";
import type { LetterProducer } from "../publish.ts";
import { createResender, type ResendOptions } from "../resend.ts";
import type { DeadLetterDetail } from "@tally/shared/dead_letters";
import { createApp } from "../../http/server.ts";
import {
  openTestDatabase,
  NO_SERVER,
  testParts,
  type TestDatabase,
  type TestLetter,
} from "../../http/testing/server.ts";

const JSON_TYPE = { "content-type": "application/json" };
/** A record of another producer: an event without an id of its own. */
export const VALUE = Buffer.from('{"sessionId":"s","eventType":"t","payload":{"n":1}}');
/** The servers may have to be started first. */
const START_MS_MAX = 120_000;

/** How the producer reports a record; silent: not at all. */
export type Verdict = "ok" | "away" | "rejected" | "too_large" | "silent";

/** A producer that reports as the test wants, with offsets from 500 on, and keeps its records. */
export function fakeProducer(verdictOf: (record: OutgoingRecord) => Verdict = () => "ok") {
  const records: OutgoingRecord[] = [];
  const producer: LetterProducer = {
    produceBatch(topic, batch, onDelivery) {
      for (const [index, record] of batch.entries()) {
        const verdict = verdictOf(record);
        if (verdict === "silent") continue;
        if (verdict === "ok") {
          records.push(record);
          onDelivery(index, { partition: 0, offset: BigInt(499 + records.length) });
          continue;
        }
        const code = verdict === "away" ? "broker_unavailable" : "broker_rejected";
        const cause = verdict === "too_large" ? { code: 10, message: "too large" } : undefined;
        onDelivery(index, new PipelineError(code, `Cannot publish to "${topic}"`, { cause }));
      }
    },
  };
  return { producer, records };
}

/** A table for all tests of a file, empty before each; its members are there once the tests run. */
export function lettersOfFile(): TestLetters {
  const letters = {} as TestLetters;
  beforeAll(async () => {
    Object.assign(letters, await testLetters());
  }, START_MS_MAX);
  afterAll(() => letters.database.close());
  beforeEach(() => letters.empty());
  return letters;
}

type TestLetters = Awaited<ReturnType<typeof testLetters>>;

/** A table of its own, and the routes over it. */
async function testLetters() {
  const stack = await testStack();
  const database = await openTestDatabase(stack.postgres.url, testNames().schema);
  const { sql } = database;
  return {
    database,
    /** The routes over a producer; by default one that accepts every record. */
    routes: (producer = fakeProducer().producer, changes: Partial<ResendOptions> = {}) =>
      harness(database, producer, changes),
    /** Inserts a letter and gives its id. */
    async letter(changes: Partial<TestLetter> & { readonly offset: number }): Promise<string> {
      await database.insertDeadLetter({ value: VALUE, code: "database_rejected", ...changes });
      const [row] = await sql<{ id: string }[]>`
        select id::text from dead_letters where "offset" = ${changes.offset}`;
      return row?.id ?? "";
    },
    /** Number of copies that were recorded. */
    async resends(): Promise<number> {
      const [row] = await sql<{ n: number }[]>`
        select count(*)::integer as n from dead_letter_resends`;
      return row?.n ?? 0;
    },
    /** Records that the rows of partition 0 are written before an offset. */
    passed: (nextOffset: number) =>
      database.setPosition({ sink: "postgres", partition: 0, nextOffset }),
    async empty(): Promise<void> {
      await sql`truncate dead_letters, dead_letter_resends, web_events, positions`;
    },
  };
}

/** The routes over a database and a producer. */
function harness(
  database: TestDatabase,
  producer: LetterProducer,
  changes: Partial<ResendOptions> = {},
) {
  const { sql, topicLog } = database;
  const metrics = createMetrics("processor");
  const log = silentLog();
  const resender = createResender({
    sql,
    producer: async () => producer,
    metrics,
    log,
    topicLog: () => topicLog,
    ...changes,
  });
  const app = createApp({ ...testParts(sql), resender }, NO_SERVER);
  const ask = async (
    method: string,
    path: string,
    { headers = JSON_TYPE, body }: { headers?: Record<string, string>; body?: object } = {},
  ) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const request = new Request(`http://localhost:8082${path}`, { method, headers, ...sent });
    const response = await app.fetch(request);
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as unknown,
    };
  };
  return {
    metrics,
    ask,
    post: (path: string, headers: Record<string, string> = JSON_TYPE) =>
      ask("POST", path, { headers }),
    postJson: (path: string, body: object) => ask("POST", path, { body }),
    show: async (id: string) => (await ask("GET", `/dead-letters/${id}`)).body as DeadLetterDetail,
  };
}
