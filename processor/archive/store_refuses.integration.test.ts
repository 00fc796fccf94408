/** The archive over a store that refuses some requests: real tables, and a scripted store. */
import { describe, expect, test } from "bun:test";
import { s3Error, s3Stored, useFakeS3 } from "./testing/fake_s3.ts";
import { archiveOfFile, keep, newBatch, NEVER } from "./testing/archive.ts";

const archive = archiveOfFile();
const start = useFakeS3();

describe("a store that refuses", () => {
  test("write() archives with a key that may only write", async () => {
    const batch = await newBatch(archive);
    const { store, lines } = start(({ method }) =>
      method === "PUT" ? s3Stored() : s3Error(403, "AccessDenied"),
    );

    const written = await archive.newSink({ store }).write(batch, NEVER);

    expect(written.events).toBe(batch.records.length);
    expect(await archive.rows(batch.partition)).toMatchObject([{ state: "stored" }]);
    expect(lines).toEqual([expect.stringContaining("s3:ListBucket")]);
  });

  test("write() keeps its plan and names the right when the store refuses the upload, and stores the object once it is granted", async () => {
    const batch = await newBatch(archive);
    let isGranted = false;
    const { store } = start(({ method }) =>
      isGranted && method === "PUT" ? s3Stored() : s3Error(403, "AccessDenied"),
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
    const { store } = start(({ method }) =>
      method === "PUT" ? s3Error(412, "PreconditionFailed") : s3Error(403, "AccessDenied"),
    );

    const error = await archive.newSink({ store }).write(batch, NEVER).catch(keep);

    const remedy = expect.stringContaining("Grant s3:GetObject");
    expect(error).toMatchObject({ code: "archive_misconfigured", remedy });
    expect(await archive.rows(batch.partition)).toMatchObject([{ state: "planned" }]);
  });
});
