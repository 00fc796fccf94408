/** The bucket as a reader sees it, from a scripted server. */
import { afterEach, describe, expect, test } from "bun:test";
import { openBucket, type BucketReader } from "./bucket.ts";
import type { ListedObject } from "./s3_client.ts";
import { s3Error, s3Page, useFakeS3, type Answer, type FakeS3 } from "./testing/fake_s3.ts";

const start = useFakeS3();
let reader: BucketReader | undefined;
afterEach(() => reader?.close());

function open(answer: Answer): { readonly bucket: BucketReader; readonly fake: FakeS3 } {
  const fake = start(answer);
  reader = openBucket(fake.bucket);
  return { bucket: reader, fake };
}

describe("list()", () => {
  test("list() gives every page with sizes and times", async () => {
    const { bucket, fake } = open((_, index) =>
      index === 0 ? s3Page(["events/b"], "more") : s3Page(["events/c"]),
    );

    const pages: (readonly ListedObject[])[] = [];
    for await (const page of bucket.list("events/")) pages.push(page);

    const stored = { bytes: 3, modifiedMs: Date.parse("2026-01-31T07:00:00.000Z") };
    expect(pages).toEqual([[{ key: "events/b", ...stored }], [{ key: "events/c", ...stored }]]);
    expect(fake.requests.map(({ query }) => query.get("continuation-token"))).toEqual([
      null,
      "more",
    ]);
  });

  test("list() throws archive_misconfigured with the missing right when the store refuses", async () => {
    const { bucket } = open(() => s3Error(403, "AccessDenied"));

    const error = await bucket
      .list("events/")
      .next()
      .catch((caught: unknown) => caught);

    const remedy = "Grant s3:ListBucket on arn:aws:s3:::bucket.";
    expect(error).toMatchObject({ code: "archive_misconfigured", remedy });
  });
});

describe("read()", () => {
  test("read() gives bytes and digest, or null when there is no such object", async () => {
    const { bucket } = open(({ key }) => {
      if (key === "none") return s3Error(404, "NoSuchKey");
      const headers: Record<string, string> = key === "with" ? { "x-amz-meta-sha256": "ab12" } : {};
      return new Response("{}\n", { headers });
    });

    const bytes = Buffer.from("{}\n");
    expect(await bucket.read("with")).toEqual({ bytes, digest: "ab12" });
    expect(await bucket.read("without")).toEqual({ bytes, digest: null });
    expect(await bucket.read("none")).toBeNull();
  });

  test("read() throws archive_misconfigured when there is no such bucket", async () => {
    const { bucket } = open(() => s3Error(404, "NoSuchBucket"));

    const error = await bucket.read("any").catch((caught: unknown) => caught);

    const remedy = expect.stringContaining('Create bucket "bucket"');
    expect(error).toMatchObject({ code: "archive_misconfigured", remedy });
  });
});
