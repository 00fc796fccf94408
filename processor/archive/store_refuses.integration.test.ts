/** The archive over a store that refuses some requests: real tables, and a scripted store. */
import { afterEach, describe, expect, test } from "bun:test";
import { fakeS3, s3Error, type Answer, type FakeS3 } from "./testing/fake_s3.ts";
import { archiveOfFile, keep, newBatch, NEVER } from "./testing/archive.ts";

const archive = archiveOfFile();
let fake: FakeS3 | undefined;

afterEach(async () => {
  await fake?.close();
  fake = undefined;
});

function storeThat(answer: Answer) {
  fake = fakeS3(answer);
  return fake.store;
}

const ok = () => new Response(null, { headers: { etag: '"1"' } });

describe("a store that refuses", () => {
  test("write() archives with a key that may only write", async () => {
    const batch = await newBatch(archive);
    const store = storeThat(({ method }) =>
      method === "PUT" ? ok() : s3Error(403, "AccessDenied"),
    );

    const written = await archive.newSink({ store }).write(batch, NEVER);

    expect(written.events).toBe(batch.records.length);
    expect(await archive.rows(batch.partition)).toMatchObject([{ state: "stored" }]);
    expect(fake?.lines).toEqual([expect.stringContaining("s3:ListBucket")]);
  });

  test("write() keeps its plan and names the right when the store refuses the upload, and stores the object once it is granted", async () => {
    const batch = await newBatch(archive);
    let isGranted = false;
    const store = storeThat(({ method }) =>
      isGranted && method === "PUT" ? ok() : s3Error(403, "AccessDenied"),
    );
    const sink = archive.newSink({ store });

    const error = await sink.write(batch, NEVER).catch(keep);
    const planned = await archive.rows(batch.partition);
    isGranted = true;
    await sink.write(batch, NEVER);

    const remedy = expect.stringContaining("Grant s3:PutObject on arn:aws:s3:::bucket/events/*");
    expect(error).toMatchObject({ code: "archive_misconfigured", remedy });
    expect(planned).toMatchObject([{ state: "planned" }]);
    expect(await archive.rows(batch.partition)).toMatchObject([{ state: "stored" }]);
  });

  test("write() does not take an object that it may not read for its own", async () => {
    const batch = await newBatch(archive);
    const store = storeThat(({ method }) =>
      method === "PUT" ? s3Error(412, "PreconditionFailed") : s3Error(403, "AccessDenied"),
    );

    const error = await archive.newSink({ store }).write(batch, NEVER).catch(keep);

    const remedy = expect.stringContaining("Grant s3:GetObject");
    expect(error).toMatchObject({ code: "archive_misconfigured", remedy });
    expect(await archive.rows(batch.partition)).toMatchObject([{ state: "planned" }]);
  });
});
