/** Requests of keys with quotas, against what production starts with a producer of the test. */
import { afterEach, describe, expect, test } from "bun:test";
import { RawConnection } from "@tally/stack/testing/raw_connection";
import { createKeySet } from "@tally/shared/keys/testing";
import { createSenders } from "./keys/senders.ts";
import type { Group } from "./processes/worker.ts";
import { LeaseBook } from "./quotas/leased_quotas.ts";
import {
  EVENT,
  expectProblem,
  post,
  startFaked,
  type Answer,
  type FakedIngest,
} from "./testing/faked_ingest.ts";

const { set, texts } = createKeySet(
  { name: "slow", eventsPerSecond: 1 },
  { name: "narrow", bytesPerSecond: 10 },
  { name: "wide" },
  { name: "copying", bytesPerSecond: 1000 },
);
const [slow = "", narrow = "", wide = "", copying = ""] = texts;

const services: FakedIngest[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

async function startKeyed(): Promise<FakedIngest> {
  const senders = createSenders(() => set);
  const service = await startFaked({ TALLY_KEYS: "on" }, { senders });
  services.push(service);
  return service;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const batch = (count: number) => `[${Array(count).fill(EVENT)}]`;
const fieldsOf = ({ headers }: Answer) => [
  headers.get("ratelimit-policy"),
  headers.get("ratelimit"),
];

describe("POST /events of a key with a quota", () => {
  test("answers 429 with the draft's problem document when the quota is used up", async () => {
    const service = await startKeyed();
    await post(service.url, batch(510), bearer(slow));

    const answer = await post(service.url, EVENT, bearer(slow));

    expectProblem(answer, "quota_exceeded");
    expect(answer.status).toBe(429);
    expect(answer.body).toMatchObject({
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "Request cannot be satisfied as assigned quota has been exceeded",
      "violated-policies": ["events"],
    });
    // 510 of a burst of 10 at 1 a second: 500 s, less the time that this test took.
    const retryAfter = Number(answer.headers.get("retry-after"));
    expect(retryAfter).toBeWithin(400, 501);
    const [policy, left] = fieldsOf(answer);
    expect(policy).toBe('"events";q=10;w=10');
    const [, seconds] = /^"events";r=0;t=(\d+)$/.exec(left ?? "") ?? [];
    // A sender that waits for Retry-After does not come too early; the answer was made a bit later.
    expect(Number(seconds)).toBeWithin(400, retryAfter + 1);
    expect(service.producer.log).toHaveLength(510);
  });

  test("tells what is left on every answer", async () => {
    const service = await startKeyed();
    const policy = '"bytes";q=100;qu="content-bytes";w=10';

    const accepted = await post(service.url, EVENT, bearer(narrow));
    const rejected = await post(service.url, "[5]", bearer(narrow));
    const refused = await post(service.url, EVENT, { ...bearer(narrow), "content-type": "a/b" });

    expect([accepted.status, rejected.status, refused.status]).toEqual([202, 422, 415]);
    for (const answer of [accepted, rejected, refused]) expect(fieldsOf(answer)[0]).toBe(policy);
    const [, left, seconds] = /^"bytes";r=(\d+);t=(\d+)$/.exec(fieldsOf(accepted)[1] ?? "") ?? [];
    // The bucket fills meanwhile.
    expect(Number(left)).toBeWithin(100 - EVENT.length, 100);
    expect(seconds).toBe("1");
  });

  test("tells nothing of a key without a quota", async () => {
    const service = await startKeyed();

    const answer = await post(service.url, EVENT, bearer(wide));

    expect(answer.status).toBe(202);
    expect(fieldsOf(answer)).toEqual([null, null]);
  });

  test("counts events that are rejected, too", async () => {
    const service = await startKeyed();

    expectProblem(
      await post(service.url, `[${Array(20).fill(5)}]`, bearer(slow)),
      "batch_rejected",
    );

    expectProblem(await post(service.url, EVENT, bearer(slow)), "quota_exceeded");
  });

  test.each([
    ["that is no JSON", `${" ".repeat(200)}{`, {}, "invalid_body"],
    ["without events", `[${" ".repeat(200)}]`, {}, "batch_empty"],
    ["that is no gzip", "x".repeat(200), { "content-encoding": "gzip" }, "invalid_body"],
  ] as const)("counts the bytes of a body %s", async (_, body, headers, code) => {
    const service = await startKeyed();
    const send = () => post(service.url, body, { ...bearer(narrow), ...headers });
    expectProblem(await send(), code);

    expectProblem(await send(), "quota_exceeded");
  });

  test("counts the context of a batch for each message that it becomes a part of", async () => {
    const service = await startKeyed();
    const batch = Array(50).fill({ userId: "u", type: "page" });
    const body = JSON.stringify({ batch, context: { a: "x".repeat(2000) } });
    const init = { method: "POST", body, headers: bearer(copying) };
    expect((await fetch(`${service.url}/v1/batch`, init)).status).toBe(200);

    const answer = await post(service.url, EVENT, bearer(copying));

    // The body alone is less than the burst of 10,000 bytes.
    expect(body.length).toBeLessThan(5000);
    expectProblem(answer, "quota_exceeded");
    expect(Number(answer.headers.get("retry-after"))).toBeWithin(80, 100);
  });

  test("takes a request that is larger than the burst", async () => {
    const service = await startKeyed();

    const answer = await post(service.url, batch(500), bearer(slow));

    expect(answer.body).toMatchObject({ accepted: 500 });
    expect(fieldsOf(answer)[1]).toMatch(/^"events";r=0;t=4\d\d$/);
  });

  test("finds the quota of a key in the body", async () => {
    const service = await startKeyed();
    const body = `{"writeKey":"${slow}","events":${batch(100)}}`;
    expect((await post(service.url, body)).status).toBe(202);

    const answer = await post(service.url, body);

    expectProblem(answer, "quota_exceeded");
    expect(fieldsOf(answer)[0]).toBe('"events";q=10;w=10');
  });

  test("lets pages of a key's origins read the fields", async () => {
    const service = await startKeyed();
    const origin = "http://localhost:8082";

    const { headers } = await post(service.url, EVENT, { ...bearer(slow), origin });

    expect(headers.get("access-control-expose-headers")).toContain("ratelimit, ratelimit-policy");
  });
});

describe("three processes of one ingest", () => {
  const { set: shared, texts: keys } = createKeySet({ name: "shared", eventsPerSecond: 30 });
  const [key = ""] = keys;

  /** Processes whose supervisor is the test. */
  async function startThree(): Promise<FakedIngest[]> {
    const book = new LeaseBook();
    const group: Group = {
      processes: 3,
      isOrphaned: true,
      tellWith: () => undefined,
      ask: () => Promise.resolve(null),
      lease: (request) => Promise.resolve(book.grant(request, performance.now())),
    };
    const senders = createSenders(() => shared);
    for (let number = 1; number <= 3; number++) {
      services.push(await startFaked({ TALLY_KEYS: "on" }, { senders, group }));
    }
    return services;
  }

  test("take together what the key may send, and nearly all of it", async () => {
    const started = performance.now();
    const all = await startThree();
    const answers = await Promise.all(
      Array.from({ length: 600 }, (_, at) => post(all[at % 3]?.url ?? "", EVENT, bearer(key))),
    );
    const seconds = (performance.now() - started) / 1000;

    const taken = answers.filter(({ status }) => status === 202).length;
    expect(taken).toBeLessThanOrEqual(30 * (10 + seconds) + 1);
    expect(taken).toBeGreaterThanOrEqual(30 * 10 * 0.9);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 429]));
    expect(all.reduce((sum, { producer }) => sum + producer.log.length, 0)).toBe(taken);
  });
});

describe("a key whose quota is used up", () => {
  test("costs other keys nothing: each of their requests is taken", async () => {
    const service = await startKeyed();
    await post(service.url, batch(1000), bearer(slow));
    const published = service.producer.log.length;
    // Read, these bodies would get 400.
    const noise = Array.from({ length: 200 }, () => post(service.url, "no JSON", bearer(slow)));

    const others = Array.from({ length: 100 }, () => post(service.url, EVENT, bearer(wide)));

    expect(new Set((await Promise.all(noise)).map(({ status }) => status))).toEqual(new Set([429]));
    expect(new Set((await Promise.all(others)).map(({ status }) => status))).toEqual(
      new Set([202]),
    );
    expect(service.producer.log.length - published).toBe(100);
  });

  test("is refused before its body comes", async () => {
    const service = await startKeyed();
    await post(service.url, batch(1000), bearer(slow));
    const connection = new RawConnection(service.url);

    await connection.sendHead("Content-Length: 1000000", `Authorization: Bearer ${slow}`);

    expect(await connection.status()).toBe(429);
    connection.end();
  });
});
