/** Rows of the configuration table: the archive in S3. option.ts explains a row. */
import { address, choice, flag, integer, text } from "./option.ts";

const MEBIBYTE = 1024 * 1024;

/** The archive in S3. */
export const ARCHIVE_OPTIONS = {
  enabled: flag({
    env: "S3_ENABLED",
    default: "true",
    help: "`false` runs without the archive; its position stays where it is.",
  }),
  bucket: text({
    env: "S3_BUCKET_NAME",
    default: "tally-events",
    shape: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    range: "a bucket name",
    help: "Bucket of the archive. When it is set, `up` uses it instead of starting a store.",
  }),
  endpoint: address({
    env: "S3_ENDPOINT",
    default: null,
    schemes: ["http", "https"],
    help: "Only for stores that are not AWS; may have a path. When it is set, `up` starts no store.",
  }),
  region: text({
    env: "AWS_DEFAULT_REGION",
    default: "us-east-1",
    help: "Region of the bucket; `AWS_REGION` wins when both are set.",
  }),
  accessKeyId: text({
    env: "AWS_ACCESS_KEY_ID",
    default: null,
    secret: true,
    help: "Key of the store. Without it and the next one the AWS SDK looks elsewhere: a profile, the role of the machine.",
  }),
  secretAccessKey: text({
    env: "AWS_SECRET_ACCESS_KEY",
    default: null,
    secret: true,
    help: "The secret of that key.",
  }),
  sessionToken: text({
    env: "AWS_SESSION_TOKEN",
    default: null,
    secret: true,
    help: "Only of a key that is temporary.",
  }),
  caBundle: text({
    env: "AWS_CA_BUNDLE",
    default: null,
    range: "a file",
    help: "PEM file with the authorities to trust for the store, instead of those of the system.",
  }),
  encryption: choice({
    env: "ARCHIVE_ENCRYPTION",
    default: "bucket",
    choices: ["bucket", "AES256", "aws:kms", "aws:kms:dsse"],
    help: "Header `x-amz-server-side-encryption` of every upload, for buckets whose policy demands it; `bucket` sends none and leaves encryption to the bucket.",
  }),
  kmsKeyId: text({
    env: "ARCHIVE_KMS_KEY_ID",
    default: null,
    shape: /^[A-Za-z0-9:/._-]{1,2048}$/,
    range: "a key id, an alias or an ARN",
    help: "Key for `aws:kms` and `aws:kms:dsse`; when not set, the store's default key.",
  }),
  keyPrefix: text({
    env: "ARCHIVE_KEY_PREFIX",
    default: "events",
    shape: /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/,
    range: "folders without slashes at the ends",
    help: "First part of every object key.",
  }),
  compression: choice({
    env: "ARCHIVE_COMPRESSION",
    default: "none",
    choices: ["none", "gzip"],
    help: "`gzip` makes objects about five times smaller for about 1 µs per event.",
  }),
  objectRecordsMax: integer({
    env: "ARCHIVE_OBJECT_RECORDS_MAX",
    default: "1000",
    unit: "records",
    min: 1,
    max: 100_000,
    help: "Rotation by count; more makes fewer, larger objects.",
  }),
  objectBytesMax: integer({
    env: "ARCHIVE_OBJECT_BYTES_MAX",
    default: String(8 * MEBIBYTE),
    unit: "bytes",
    min: 1024,
    max: 64 * MEBIBYTE,
    help: "Rotation by size, before compression; held in memory, per partition.",
  }),
  objectAgeMs: integer({
    env: "ARCHIVE_OBJECT_AGE_MS_MAX",
    default: "60000",
    unit: "ms",
    min: 100,
    max: 3_600_000,
    help: "Rotation by age of the open object; shorter archives sooner, in smaller objects.",
  }),
  putTimeoutMs: integer({
    env: "ARCHIVE_PUT_TIMEOUT_MS",
    default: "30000",
    unit: "ms",
    min: 1000,
    max: 300_000,
    help: "Longest upload of one object, connecting included.",
  }),
} as const;
