/** Every answer of a store, caused by a scripted server. */
import { describe, expect, test } from "bun:test";
import { errorCode } from "@tally/shared";
import { NEVER, OBJECT, s3Error, s3Page, s3Stored, useFakeS3 } from "./testing/fake_s3.ts";

const start = useFakeS3();
const keep = (error: unknown) => error;

describe("create()", () => {
  test("create() sends the condition, the digest, the type and a signed body", async () => {
    const { store, requests } = start(s3Stored);

    const outcome = await store.create(OBJECT, NEVER);

    expect(outcome).toBe("created");
    const [request] = requests;
    expect(requests).toHaveLength(1);
    expect(request).toMatchObject({ method: "PUT", key: OBJECT.key });
    expect(Buffer.from(request?.body ?? []).toString()).toBe("{}\n");
    expect(request?.headers.get("if-none-match")).toBe("*");
    expect(request?.headers.get("x-amz-meta-sha256")).toBe("ab12");
    expect(request?.headers.get("x-amz-meta-topic-id")).toBe("t+/=");
    expect(request?.headers.get("content-type")).toBe("application/x-ndjson");
    expect(request?.headers.get("content-encoding")).toBeNull();
    expect(request?.headers.get("content-md5")).toBe(
      new Bun.CryptoHasher("md5").update("{}\n").digest("base64"),
    );
    expect(request?.headers.get("x-amz-server-side-encryption")).toBeNull();
    expect(request?.headers.get("x-amz-content-sha256")).toBe(
      new Bun.CryptoHasher("sha256").update("{}\n").digest("hex"),
    );
  });

  test("create() gives exists when the store answers 412", async () => {
    const { store, requests } = start(() => s3Error(412, "PreconditionFailed"));

    expect(await store.create(OBJECT, NEVER)).toBe("exists");
    expect(requests).toHaveLength(1);
  });

  test("create() repeats when the store answers 409", async () => {
    const { store, requests } = start((_, index) =>
      index < 2 ? s3Error(409, "ConditionalRequestConflict") : s3Stored(),
    );

    expect(await store.create(OBJECT, NEVER)).toBe("created");
    expect(requests).toHaveLength(3);
  });

  test("create() rejects with archive_unavailable when 409 does not end", async () => {
    const { store, requests } = start(() => s3Error(409, "ConditionalRequestConflict"));

    const error = await store.create(OBJECT, NEVER).catch(keep);

    expect(error).toMatchObject({ code: "archive_unavailable" });
    expect(requests).toHaveLength(5);
  });

  test("create() puts without the condition, permanently, when the store answers 501", async () => {
    const { store, requests } = start(({ method, headers }) => {
      if (method === "HEAD") return new Response(null, { status: 404 });
      return headers.has("if-none-match") ? s3Error(501, "NotImplemented") : s3Stored();
    });

    expect(await store.create(OBJECT, NEVER)).toBe("created");
    expect(await store.create({ ...OBJECT, key: "events/b.json" }, NEVER)).toBe("created");
    expect(requests.map(({ method, key }) => `${method} ${key}`)).toEqual([
      "PUT events/a.json",
      "HEAD events/a.json",
      "PUT events/a.json",
      "HEAD events/b.json",
      "PUT events/b.json",
    ]);
  });

  test("create() overwrites nothing when the store supports no conditions", async () => {
    const { store, requests } = start(({ method }) =>
      method === "HEAD" ? s3Stored() : s3Error(501, "NotImplemented"),
    );

    expect(await store.create(OBJECT, NEVER)).toBe("exists");
    expect(requests.map(({ method }) => method)).toEqual(["PUT", "HEAD"]);
  });

  test.each([
    [500, "InternalError"],
    [503, "SlowDown"],
    [400, "BadDigest"],
    [429, "TooManyRequests"],
  ])(
    "create() rejects with archive_unavailable when the store answers %d %s",
    async (status, code) => {
      const { store, requests } = start(() => s3Error(status, code));

      const error = await store.create(OBJECT, NEVER).catch(keep);

      expect(error).toMatchObject({ code: "archive_unavailable" });
      expect(requests.length).toBeLessThanOrEqual(2);
    },
  );

  test("create() rejects with archive_unavailable when nothing listens", async () => {
    const { store, close } = start(s3Stored);
    await close();

    const error = await store.create(OBJECT, NEVER).catch(keep);

    expect(error).toMatchObject({ code: "archive_unavailable", cause: expect.anything() });
  });

  test("create() rejects with archive_unavailable when no answer comes in time", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const { store } = start(() => promise, { ARCHIVE_PUT_TIMEOUT_MS: "1000" });

    const error = await store.create(OBJECT, NEVER).catch(keep);

    expect(error).toMatchObject({ code: "archive_unavailable" });
    resolve(s3Stored());
  });

  test("create() ends at once when it is aborted", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const abort = new AbortController();
    const { store } = start(() => {
      abort.abort();
      return promise;
    });

    const error = await store.create(OBJECT, abort.signal).catch(keep);

    expect(error).toMatchObject({ code: "archive_unavailable" });
    resolve(s3Stored());
  });
});

describe("a store that redirects", () => {
  test.each([301, 302, 303, 307, 308])("no request follows a %d", async (status) => {
    const asked: string[] = [];
    using elsewhere = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        asked.push(request.method);
        return new Response("<html>Please log in</html>");
      },
    });
    const location = new URL("/login", elsewhere.url).href;
    const { store } = start(() => new Response(null, { status, headers: { location } }));

    const outcomes = await Promise.all([
      store.create(OBJECT, NEVER).catch(keep),
      store.read(OBJECT.key, NEVER).catch(keep),
      store.readDigest(OBJECT.key, NEVER).catch(keep),
      store.reach(NEVER).catch(keep),
    ]);

    const isPermanent = status === 301 || status === 308;
    const code = isPermanent ? "archive_misconfigured" : "archive_unavailable";
    expect(new Set(outcomes.map(errorCode))).toEqual(new Set([code]));
    expect(asked).toEqual([]);
  });
});

describe("read()", () => {
  test("read() gives the bytes as they are stored, also with a content encoding", async () => {
    const stored = Bun.gzipSync(Buffer.from("line\n".repeat(100)));
    const encoding = { "content-encoding": "gzip" };
    const { store } = start(() => new Response(stored, { headers: encoding }));

    const bytes = await store.read(OBJECT.key, NEVER);

    expect(bytes).toEqual(new Uint8Array(stored));
  });
});

describe("list()", () => {
  test("list() gives the keys of every page, from the given key on", async () => {
    const { store, requests } = start((_, index) =>
      index === 0 ? s3Page(["events/b", "events/c"], "more") : s3Page(["events/d"]),
    );

    const keys = await store.list({ prefix: "events/", after: "events/a" }, NEVER);

    expect(keys).toEqual(["events/b", "events/c", "events/d"]);
    const asked = requests.map(({ query }) => [
      query.get("prefix"),
      query.get("start-after"),
      query.get("continuation-token"),
    ]);
    expect(asked).toEqual([
      ["events/", "events/a", null],
      ["events/", null, "more"],
    ]);
  });
});

describe("readDigest()", () => {
  test("readDigest() gives the metadata, nothing for an object without, null for no object", async () => {
    const { store } = start(({ key }) => {
      if (key === "none") return new Response(null, { status: 404 });
      const headers: Record<string, string> = key === "with" ? { "x-amz-meta-sha256": "ab12" } : {};
      return new Response(null, { headers });
    });

    expect(await store.readDigest("with", NEVER)).toBe("ab12");
    expect(await store.readDigest("without", NEVER)).toBe("");
    expect(await store.readDigest("none", NEVER)).toBeNull();
  });
});

describe("reach()", () => {
  const empty = () => s3Page([]);
  test.each([
    ["a page", empty, "reached"],
    ["no right to list", () => s3Error(403, "AccessDenied"), "reached"],
    ["a wrong key", () => s3Error(403, "InvalidAccessKeyId"), "archive_misconfigured"],
    ["no such bucket", () => s3Error(404, "NoSuchBucket"), "archive_misconfigured"],
    ["a failure", () => s3Error(500, "InternalError"), "archive_unavailable"],
  ])("reach() reports what it found when the bucket answers with %s", async (_, answer, found) => {
    const { store, requests } = start(answer);

    const outcome = await store.reach(NEVER).then(() => "reached", errorCode);

    expect(outcome).toBe(found);
    expect(requests[0]?.query.get("prefix")).toBe("events/");
    expect(requests[0]?.query.get("max-keys")).toBe("1");
  });
});

describe("noteRequest()", () => {
  test.each([
    ["an object that is stored", s3Stored, {}, "answered"],
    ["a refusal", () => s3Error(403, "InvalidAccessKeyId"), {}, "answered"],
    ["a failure of the store", () => s3Error(500, "InternalError"), {}, "answered"],
    ["no store there", s3Stored, { S3_ENDPOINT: "http://127.0.0.1:1" }, "failed"],
  ])("noteRequest() learns how a request ended: %s", async (_, answer, env, end) => {
    const { notes, noteRequest } = noting();
    const { store } = start(answer, env, { noteRequest });

    await store.create(OBJECT, NEVER).catch(keep);

    expect(notes).toEqual([`create object "${OBJECT.key}" false`, end]);
  });

  test("noteRequest() learns that a look is quick, and which request its caller has ended", async () => {
    const { notes, noteRequest } = noting();
    const { store } = start(() => new Promise(() => undefined), {}, { noteRequest });

    await store.reach(AbortSignal.timeout(50)).catch(keep);

    expect(notes).toEqual([expect.stringMatching(/^reach bucket .* true$/), "aborted"]);
  });
});

/** Keeps what is noted. */
function noting() {
  const notes: string[] = [];
  const noteRequest = (what: string, isQuick: boolean) => {
    notes.push(`${what} ${isQuick}`);
    return (end: string) => void notes.push(end);
  };
  return { notes, noteRequest };
}
