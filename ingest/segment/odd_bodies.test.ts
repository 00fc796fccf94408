/** Bodies that no SDK sends, on every path of Segment's API: each gets a described answer. */
import { decodeRecord } from "@tally/shared";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { startFaked, type FakedIngest } from "../testing/faked_ingest.ts";
import { SEGMENT_FORMS } from "./segment_form.ts";

const RUNS = 60;
/** A quota that these tests do not reach: each request is judged by itself. */
const QUOTA = "100000000";
let ingest: FakedIngest;

beforeAll(async () => {
  ingest = await startFaked({ INGEST_REJECTED_BYTES_PER_SECOND_MAX: QUOTA });
});
afterAll(() => ingest.stop());

async function send(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<number> {
  const response = await fetch(`${ingest.url}${path}`, { method: "POST", body });
  const answer = (await response.json()) as { success?: boolean; status?: number };
  expect(answer.success === true ? 200 : answer.status).toBe(response.status);
  return response.status;
}

/** A value where an SDK has a certain one. */
const odd = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(undefined, null, "", "\0", "\ud800", 1e21, -0, [], {}, "track", "2026-02-30"),
  fc.integer(),
);
const FIELDS = (
  "messageId anonymousId userId type event timestamp originalTimestamp properties traits context " +
  "integrations sentAt writeKey __proto__ segment constructor toString"
).split(" ");
const message = fc.dictionary(fc.constantFrom(...FIELDS), odd);

const single = SEGMENT_FORMS.filter(([, { type }]) => type !== null).map(([path]) => path);
const batches = SEGMENT_FORMS.filter(([, { type }]) => type === null).map(([path]) => path);

describe("an odd body", () => {
  test("gets 200 when it is an object, and its event is a row or a dead letter", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...single), message, async (path, body) => {
        ingest.producer.log.length = 0;

        expect(await send(path, JSON.stringify(body))).toBe(200);
        expect(ingest.producer.log).toHaveLength(1);
        expectReadable();
      }),
      { numRuns: RUNS * 4 },
    );
  });

  test("gets 200 when it is a batch, and each event is a row or a dead letter", async () => {
    const batch = fc.array(fc.oneof(message, odd), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...batches), batch, odd, async (path, items, context) => {
        ingest.producer.log.length = 0;

        expect(await send(path, JSON.stringify({ batch: items, context }))).toBe(200);
        expect(ingest.producer.log).toHaveLength(items.length);
        expectReadable();
      }),
      { numRuns: RUNS * 4 },
    );
  });

  test("gets 400 or 422 when it is something else, and nothing is published", async () => {
    const other = fc.oneof(
      fc.jsonValue().filter((value) => value === null || typeof value !== "object"),
      fc.array(fc.jsonValue()),
    );
    const paths = SEGMENT_FORMS.map(([path]) => path);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), other, async (path, body) => {
        ingest.producer.log.length = 0;

        expect(await send(path, JSON.stringify(body))).toBe(400);
        expect(await send("/v1/batch", JSON.stringify({ batch: body }))).toBe(
          Array.isArray(body) ? (body.length === 0 ? 422 : 200) : 400,
        );
      }),
      { numRuns: RUNS },
    );
  });

  test("gets 400 when it is bytes that are no JSON", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        const body = new Uint8Array([...bytes, 0xff]);

        expect(await send("/v1/track", body)).toBe(400);
        expect(await send("/v1/batch", body)).toBe(400);
      }),
      { numRuns: RUNS },
    );
  });
});

/** The processor reads every record: as an event with the same line, or as a dead letter. */
function expectReadable(): void {
  for (const { value, headers, timestampMs } of ingest.producer.log) {
    const bytes = Buffer.from(value ?? "");
    const place = { partition: 0, offset: 0n, timestampMs };
    const decoded = decodeRecord({ ...place, value: bytes, headers: headers ?? [] }, "topic");
    if ("code" in decoded) expect(headers?.[0]?.value?.toString()).toBe(decoded.code);
    else expect(decoded.line.toString()).toBe(bytes.toString());
  }
}
