/** The proxy between the SDK and the real store. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { testNames, testStack } from "@tally/stack/testing";

import { startS3Proxy, type S3Proxy, type UploadStep } from "./s3_proxy.ts";

let proxy: S3Proxy;
let through: S3Client;
let direct: S3Client;
let bucket: string;
const { prefix } = testNames();

beforeAll(async () => {
  const { s3 } = await testStack();
  proxy = await startS3Proxy({ host: "127.0.0.1", port: 0, target: s3.endpoint });
  const { accessKeyId, secretAccessKey, region } = s3;
  const common = {
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    maxAttempts: 1,
    requestChecksumCalculation: "WHEN_REQUIRED",
    requestHandler: { requestTimeout: 2000, throwOnRequestTimeout: true },
  } as const;
  through = new S3Client({ ...common, endpoint: proxy.url });
  direct = new S3Client({ ...common, endpoint: s3.endpoint });
  bucket = s3.bucket;
});

beforeEach(() => {
  proxy.set({ kind: "pass" });
  proxy.onStep(null);
});

afterAll(async () => {
  through.destroy();
  direct.destroy();
  await proxy.stop();
});

function put(key: string, bytes = 10_000) {
  const Body = Buffer.alloc(bytes, "x");
  return through.send(
    new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body, IfNoneMatch: "*" }),
  );
}

async function isThere(key: string): Promise<boolean> {
  const head = direct.send(new HeadObjectCommand({ Bucket: bucket, Key: prefix + key }));
  return await head.then(
    () => true,
    () => false,
  );
}

const failure = (error: unknown) => error;

test("startS3Proxy() forwards requests and answers, conditions included", async () => {
  await put("passed");
  const again = await put("passed").catch(failure);
  const got = await through.send(new GetObjectCommand({ Bucket: bucket, Key: `${prefix}passed` }));

  expect((await got.Body?.transformToByteArray())?.length).toBe(10_000);
  expect(again).toMatchObject({ $metadata: { httpStatusCode: 412 } });
});

test("set() makes the proxy answer instead of the store", async () => {
  const before = proxy.interventions;
  proxy.set({ kind: "answer", status: 503, code: "SlowDown" });

  const outcome = await put("slow-down").catch(failure);

  expect(outcome).toMatchObject({ name: "SlowDown", $metadata: { httpStatusCode: 503 } });
  expect(await isThere("slow-down")).toBeFalse();
  expect(proxy.interventions).toBe(before + 1);
});

test("set() makes the proxy reset connections", async () => {
  proxy.set({ kind: "reset" });

  const outcome = await put("reset").catch(failure);

  expect(outcome).toBeInstanceOf(Error);
  expect(await isThere("reset")).toBeFalse();
});

test("onStep() ends an upload before, during or after the store's work", async () => {
  const outcomes: Record<string, boolean> = {};
  for (const wanted of ["before", "during", "after"] satisfies UploadStep[]) {
    proxy.onStep((step) => step !== wanted);
    await put(wanted, 300_000).catch(failure);
    outcomes[wanted] = await isThere(wanted);
  }

  expect(outcomes).toEqual({ before: false, during: false, after: true });
});
