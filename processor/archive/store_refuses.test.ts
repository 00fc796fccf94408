/** A store that answers and refuses: what is tried, what is named, what is logged. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBucket } from "./bucket.ts";
import { readCaBundle } from "./s3_client.ts";
import { TEST_CA, TEST_CERTIFICATE, TEST_KEY } from "./testing/certificates.ts";
import {
  NEVER,
  OBJECT,
  s3Error,
  s3Page,
  s3Stored,
  useFakeS3,
  type Answer,
  type FakeS3,
} from "./testing/fake_s3.ts";

const start = useFakeS3();
const keep = (error: unknown) => error;
const methods = ({ requests }: FakeS3) => requests.map(({ method }) => method);

test("create() signs with the store's time when a clock has jumped, even in the middle of it", async () => {
  let requests = 0;
  const given = start(({ headers }) => {
    requests += 1;
    // For the first request the clocks differ by an hour; then the clock jumps back.
    const storeMs = Date.now() + (requests === 1 ? 3_600_000 : 0);
    const signed = (headers.get("x-amz-date") ?? "").match(/\d\d/g) ?? [];
    const [century, year, month, day, hour, minute, second] = signed;
    const signedMs = Date.parse(`${century}${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    const isSkewed = Math.abs(signedMs - storeMs) > 900_000;
    const answer = isSkewed ? s3Error(403, "RequestTimeTooSkewed") : s3Stored();
    answer.headers.set("date", new Date(storeMs).toUTCString());
    return answer;
  });

  expect(await given.store.create(OBJECT, NEVER)).toBe("created");
  expect(requests).toBe(3);
});

describe("a store without If-None-Match", () => {
  test.each([
    [501, "NotImplemented"],
    [400, "InvalidArgument"],
    [400, "InvalidRequest"],
    [400, "Unknown"],
  ])(
    "create() looks before each upload, and says so once, when it answers %d %s",
    async (status, code) => {
      const given = start(({ method, headers }) => {
        if (method === "HEAD") return new Response(null, { status: 404 });
        return headers.has("if-none-match") ? s3Error(status, code) : s3Stored();
      });

      const outcomes = [
        await given.store.create(OBJECT, NEVER),
        await given.store.create({ ...OBJECT, key: "events/b.json" }, NEVER),
      ];

      expect(outcomes).toEqual(["created", "created"]);
      expect(methods(given).join()).toMatch(/^(PUT,){1,2}HEAD,PUT,HEAD,PUT$/);
      expect(given.lines).toEqual([expect.stringContaining("does not support If-None-Match")]);
    },
  );

  test("create() keeps the condition when the upload is refused without it, too", async () => {
    let isRefusing = true;
    const given = start(({ method }) => {
      if (method === "HEAD") return new Response(null, { status: 404 });
      return isRefusing ? s3Error(400, "InvalidRequest") : s3Stored();
    });

    const error = await given.store.create(OBJECT, NEVER).catch(keep);
    isRefusing = false;
    const outcome = await given.store.create(OBJECT, NEVER);

    const remedy = expect.stringContaining("400 InvalidRequest");
    expect(error).toMatchObject({ code: "archive_misconfigured", remedy });
    expect(outcome).toBe("created");
    expect(given.requests.at(-1)?.headers.get("if-none-match")).toBe("*");
    expect(given.lines).toEqual([]);
  });

  test("create() overwrites nothing when it may not look", async () => {
    const given = start(({ method, headers }) => {
      if (method === "HEAD") return new Response(null, { status: 403 });
      return headers.has("if-none-match") ? s3Error(501, "NotImplemented") : s3Stored();
    });

    const error = await given.store.create(OBJECT, NEVER).catch(keep);

    const remedy = expect.stringContaining("Grant s3:GetObject on arn:aws:s3:::bucket/events/*");
    expect(error).toMatchObject({ code: "archive_misconfigured", remedy });
    expect(methods(given)).not.toContain(undefined);
    expect(given.requests.filter(({ headers }) => !headers.has("if-none-match"))).toHaveLength(1);
  });
});

describe("a bucket with Object Lock", () => {
  test("create() finds the object that is locked when the store answers 403 to a second upload", async () => {
    const { store } = start(({ method }) =>
      method === "PUT"
        ? s3Error(403, "AccessDenied", { message: "object protected by object lock" })
        : new Response(null, { headers: { "x-amz-meta-sha256": "ab12" } }),
    );

    expect(await store.create(OBJECT, NEVER)).toBe("exists");
  });

  test("create() names the right when the store answers 403 and there is no object", async () => {
    const { store, requests } = start(({ method }) =>
      method === "PUT" ? s3Error(403, "AccessDenied") : new Response(null, { status: 404 }),
    );

    const error = await store.create(OBJECT, NEVER).catch(keep);

    const remedy = expect.stringContaining("Grant s3:PutObject");
    expect(error).toMatchObject({ code: "archive_misconfigured", remedy });
    expect(requests.map(({ method }) => method)).toEqual(["PUT", "HEAD"]);
  });
});

describe("a key that may only write", () => {
  const writeOnly: Answer = ({ method }) =>
    method === "PUT" ? s3Stored() : s3Error(403, "AccessDenied");

  test("create() needs no other right", async () => {
    const { store } = start(writeOnly);

    expect(await store.create(OBJECT, NEVER)).toBe("created");
  });

  test("list() gives null, and logs the missing right once", async () => {
    const { store, lines } = start(writeOnly);

    const lists = [
      await store.list({ prefix: "events/", after: "events/a" }, NEVER),
      await store.list({ prefix: "events/", after: "events/a" }, NEVER),
    ];

    expect(lists).toEqual([null, null]);
    expect(lines).toEqual([expect.stringContaining("Grant s3:ListBucket on arn:aws:s3:::bucket.")]);
  });

  test("readDigest() names both rights that a look needs", async () => {
    const { store } = start(() => new Response(null, { status: 403 }));

    const error = await store.readDigest(OBJECT.key, NEVER).catch(keep);

    const remedy =
      "Grant s3:GetObject on arn:aws:s3:::bucket/events/*, and s3:ListBucket on arn:aws:s3:::bucket, without which a missing object is refused, too.";
    expect(error).toMatchObject({ code: "archive_misconfigured", remedy });
  });
});

describe("what is sent and expected", () => {
  test("create() sends the encryption that the options ask for", async () => {
    const { store, requests } = start(s3Stored, {
      ARCHIVE_ENCRYPTION: "aws:kms",
      ARCHIVE_KMS_KEY_ID: "alias/tally",
    });

    await store.create(OBJECT, NEVER);

    const headers = requests[0]?.headers;
    expect(headers?.get("x-amz-server-side-encryption")).toBe("aws:kms");
    expect(headers?.get("x-amz-server-side-encryption-aws-kms-key-id")).toBe("alias/tally");
  });

  test("create() names the region of the bucket when it is in another one", async () => {
    const { store, requests } = start(() =>
      s3Error(301, "PermanentRedirect", { "x-amz-bucket-region": "eu-west-1" }),
    );

    const errors = [
      await store.create(OBJECT, NEVER).catch(keep),
      await store.reach(NEVER).catch(keep),
    ];

    const remedy =
      'Set AWS_REGION=eu-west-1: bucket "bucket" is there (x-amz-bucket-region), and AWS_REGION is "us-east-1".';
    for (const error of errors) expect(error).toMatchObject({ remedy });
    expect(requests).toHaveLength(2);
  });

  test("create() takes a 200 without an ETag for no store's answer", async () => {
    const { store } = start(() => new Response("<html>Please log in</html>"));

    const error = await store.create(OBJECT, NEVER).catch(keep);

    expect(error).toMatchObject({ code: "archive_unavailable" });
  });

  test.each(["/", "/storage/v1/s3", "/storage/v1/s3/", "//"])(
    "create() and list() ask below the endpoint's path when it ends with %s",
    async (path) => {
      const seen: string[] = [];
      using server = Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        fetch(request) {
          seen.push(new URL(request.url).pathname);
          return request.method === "PUT" ? s3Stored() : s3Page([]);
        },
      });
      const { store } = start(s3Stored, { S3_ENDPOINT: `http://127.0.0.1:${server.port}${path}` });

      await store.create(OBJECT, NEVER);
      await store.list({ prefix: "events/", after: "events/a" }, NEVER);

      const base = path.replace(/\/+$/, "");
      expect(seen.map((asked) => asked.replace(/\/$/, ""))).toEqual([
        `${base}/bucket/events/a.json`,
        `${base}/bucket`,
      ]);
    },
  );
});

describe("a private authority", () => {
  const folder = mkdtempSync(join(tmpdir(), "tally-ca-"));
  const file = join(folder, "ca.pem");
  writeFileSync(file, TEST_CA);
  afterAll(() => rmSync(folder, { recursive: true }));

  function serveTls() {
    return Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: TEST_CERTIFICATE, key: TEST_KEY },
      fetch: ({ method }) => (method === "PUT" ? s3Stored() : s3Page(["events/a.json"])),
    });
  }

  test("create() names AWS_CA_BUNDLE when the store's certificate is not trusted", async () => {
    using server = serveTls();
    const { store } = start(s3Stored, { S3_ENDPOINT: `https://127.0.0.1:${server.port}` });

    const error = await store.create(OBJECT, NEVER).catch(keep);

    const remedy = expect.stringContaining("Set AWS_CA_BUNDLE");
    expect(error).toMatchObject({ code: "archive_misconfigured", remedy });
  });

  test("create() and openBucket() trust the authority that AWS_CA_BUNDLE names", async () => {
    using server = serveTls();
    const endpoint = `https://127.0.0.1:${server.port}`;
    const { store, bucket } = start(s3Stored, { S3_ENDPOINT: endpoint, AWS_CA_BUNDLE: file });
    const reader = openBucket({ ...bucket, ca: readCaBundle(file) });

    const created = await store.create(OBJECT, NEVER);
    const listed = await reader.list("events/").next();
    reader.close();

    expect(created).toBe("created");
    expect(listed.value).toMatchObject([{ key: "events/a.json" }]);
  });

  test.each([
    ["is absent", join(folder, "absent.pem")],
    ["holds no certificate", import.meta.path],
  ])("createArchiveStore() throws config_invalid when the file of AWS_CA_BUNDLE %s", (_, path) => {
    expect(() => start(s3Stored, { AWS_CA_BUNDLE: path })).toThrow(
      expect.objectContaining({ code: "config_invalid" }),
    );
  });
});
