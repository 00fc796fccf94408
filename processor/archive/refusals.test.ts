/** What each answer of a store means, row by row. */
import { describe, expect, test } from "bun:test";
import { mayRefuseCondition, remedyOf, type StoreAction, type StorePlace } from "./refusals.ts";
import type { S3Failure } from "./s3_client.ts";

const PLACE: StorePlace = {
  bucket: "b",
  region: "us-east-1",
  endpoint: null,
  keyPrefix: "events",
  encryption: null,
};
const failure = (changes: Partial<S3Failure>): S3Failure => ({
  status: 403,
  code: "AccessDenied",
  message: "Access Denied",
  bucketRegion: null,
  location: null,
  ...changes,
});
const remedy = (changes: Partial<S3Failure>, action: StoreAction = "put", place = PLACE) =>
  remedyOf(failure(changes), action, place);

describe("remedyOf()", () => {
  test.each<[StoreAction, string]>([
    [
      "put",
      "Grant s3:PutObject on arn:aws:s3:::b/events/*; if a bucket policy demands an encryption header, set ARCHIVE_ENCRYPTION and ARCHIVE_KMS_KEY_ID.",
    ],
    ["get", "Grant s3:GetObject on arn:aws:s3:::b/events/*."],
    ["list", "Grant s3:ListBucket on arn:aws:s3:::b."],
  ])("remedyOf() names the right that %s lacks", (action, expected) => {
    expect(remedy({}, action)).toBe(expected);
  });

  test("remedyOf() names a policy that forbids, and no header that is sent already", () => {
    const message =
      "User: u is not authorized to perform: s3:PutObject on resource: r with an explicit deny in a resource-based policy";
    const place = { ...PLACE, encryption: { algorithm: "AES256", kmsKeyId: null } } as const;

    expect(remedy({ message }, "put", place)).toBe(
      "Grant s3:PutObject on arn:aws:s3:::b/events/*; a deny in the resource-based policy forbids it.",
    );
  });

  test.each([
    ["cn-north-1", "arn:aws-cn:s3:::b"],
    ["us-gov-west-1", "arn:aws-us-gov:s3:::b"],
  ])("remedyOf() writes the ARN as region %s does", (region, arn) => {
    expect(remedy({}, "list", { ...PLACE, region })).toBe(`Grant s3:ListBucket on ${arn}.`);
  });

  test.each<[string, Partial<S3Failure>, string]>([
    [
      "301 to HEAD",
      { status: 301, code: "Unknown", bucketRegion: "eu-west-1" },
      "AWS_REGION=eu-west-1",
    ],
    [
      "400 with a region",
      { status: 400, code: "AuthorizationHeaderMalformed", bucketRegion: "eu-west-1" },
      "AWS_REGION=eu-west-1",
    ],
    ["a region, unnamed", { status: 301, code: "PermanentRedirect" }, "Set AWS_REGION"],
    ["no credentials", { status: null, code: "CredentialsProviderError" }, "AWS_ACCESS_KEY_ID and"],
    ["an unknown key", { code: "InvalidAccessKeyId" }, "AWS_ACCESS_KEY_ID"],
    ["a wrong secret", { code: "SignatureDoesNotMatch" }, "AWS_SECRET_ACCESS_KEY"],
    ["an old token", { status: 400, code: "ExpiredToken" }, "AWS_SESSION_TOKEN"],
    ["a wrong clock", { code: "RequestTimeTooSkewed" }, "clock"],
    ["no bucket", { status: 404, code: "NoSuchBucket" }, 'Create bucket "b"'],
    ["another CA", { status: null, code: "SELF_SIGNED_CERT_IN_CHAIN" }, "AWS_CA_BUNDLE"],
    ["another name", { status: null, code: "ERR_TLS_CERT_ALTNAME_INVALID" }, "S3_ENDPOINT"],
    ["an old certificate", { status: null, code: "CERT_HAS_EXPIRED" }, "Renew"],
    ["a KMS key", { status: 400, code: "KMS.NotFoundException" }, "ARCHIVE_KMS_KEY_ID"],
    ["a right on the key", { message: "not authorized to perform: kms:GenerateDataKey" }, "kms:"],
    ["a page elsewhere", { status: 301, code: "Unknown", location: "https://s/" }, '"https://s/"'],
    [
      "anything else",
      { status: 400, code: "InvalidRequest", message: "why" },
      '400 InvalidRequest, "why"',
    ],
    ["HEAD without a body", { code: "Unknown" }, "Grant s3:PutObject"],
    ["a full quota", { code: "QuotaExceeded" }, "403 QuotaExceeded"],
    ["a missing feature", { status: 501, code: "NotImplemented" }, "another store"],
  ])("remedyOf() says what to change for %s", (_, changes, expected) => {
    expect(remedy(changes)).toContain(expected);
  });

  test.each<[string, Partial<S3Failure>]>([
    ["500", { status: 500, code: "InternalError" }],
    ["503", { status: 503, code: "SlowDown" }],
    ["503 of another region", { status: 503, code: "SlowDown", bucketRegion: "eu-west-1" }],
    ["400 after a cut body", { status: 400, code: "RequestTimeout" }],
    ["400 after a changed body", { status: 400, code: "BadDigest" }],
    ["409", { status: 409, code: "OperationAborted" }],
    ["429", { status: 429, code: "Unknown" }],
    ["302", { status: 302, code: "Unknown", location: "https://login/" }],
    ["no connection", { status: null, code: "ECONNREFUSED" }],
    ["no name", { status: null, code: "ENOTFOUND" }],
    ["an abort", { status: null, code: "AbortError" }],
  ])("remedyOf() waits after %s", (_, changes) => {
    expect(remedy(changes)).toBeNull();
  });
});

describe("mayRefuseCondition()", () => {
  test.each<[boolean, Partial<S3Failure>]>([
    [true, { status: 501, code: "NotImplemented" }],
    [true, { status: 400, code: "InvalidArgument" }],
    [true, { status: 400, code: "Unknown" }],
    [false, { status: 400, code: "BadDigest" }],
    [false, { status: 400, code: "ExpiredToken" }],
    [false, { status: 400, code: "AuthorizationHeaderMalformed" }],
    [false, { status: 400, code: "KMS.DisabledException" }],
    [false, { status: 403, code: "AccessDenied" }],
    [false, { status: 500, code: "InternalError" }],
  ])("mayRefuseCondition() is %s for %o", (expected, changes) => {
    expect(mayRefuseCondition(failure(changes))).toBe(expected);
  });
});
