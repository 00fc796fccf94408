/**
 * What a failed call to the store means: whether waiting can help, and if not, what an
 * operator has to change. One table, in the order in which its rows are asked. Pure.
 */
import type { S3Encryption, S3Failure } from "./s3_client.ts";

/** What was asked of the store. */
export type StoreAction = "put" | "head" | "get" | "list";

/** Where it was asked, and how. */
export interface StorePlace {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint: string | null;
  /** First folders of all keys. */
  readonly keyPrefix: string;
  readonly encryption: S3Encryption | null;
}

/**
 * What an operator has to change, as a sentence; null when the same call may succeed later.
 *
 * It never depends on a key, so that the same cause gives the same sentence.
 */
export function remedyOf(
  failure: S3Failure,
  action: StoreAction,
  place: StorePlace,
): string | null {
  const row = ROWS.find(({ is }) => is(failure, place));
  return row === undefined ? null : row.remedy(failure, place, action);
}

/** Whether the store knows this process, and refuses the action: a right is missing. */
export function isDenied({ status, code }: S3Failure): boolean {
  return status === 403 && (code === "AccessDenied" || code === "Forbidden");
}

/**
 * Whether the store may have refused an upload because of `If-None-Match`. A 501 names no header,
 * and some stores answer an unspecific 400 to what they don't know.
 */
export function mayRefuseCondition(failure: S3Failure): boolean {
  if (failure.status === 501) return true;
  return failure.status === 400 && ROWS.find(({ is }) => is(failure, null)) === OTHER_REFUSAL;
}

interface Row {
  /** @param place Null when only the failure itself counts. */
  readonly is: (failure: S3Failure, place: StorePlace | null) => boolean;
  readonly remedy: (failure: S3Failure, place: StorePlace, action: StoreAction) => string | null;
}

const codes = (...names: string[]): Row["is"] => {
  const known = new Set(names);
  return ({ code }) => known.has(code);
};

const WRONG_REGION = codes(
  "PermanentRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
);

/** Statuses and codes that pass by themselves: a repeat is right. */
const TRANSIENT_STATUSES = new Set([302, 303, 307, 408, 409, 412, 425, 429]);
const TRANSIENT = codes(
  "RequestTimeout",
  "RequestTimeoutException",
  "IncompleteBody",
  "BadDigest",
  "InvalidDigest",
  "XAmzContentSHA256Mismatch",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TooManyRequests",
  "OperationAborted",
  "ConditionalRequestConflict",
);

/** Any other refusal of this kind of request: the store's own words are all that is known. */
const OTHER_REFUSAL: Row = {
  is: ({ status }) => status !== null && status >= 400 && status < 500,
  remedy: ({ status, code, message }) =>
    `Change what the store names: it refuses with ${status} ${code}, "${message}".`,
};

const ROWS: readonly Row[] = [
  {
    is: (failure, place) =>
      WRONG_REGION(failure, place) ||
      (failure.bucketRegion !== null &&
        place !== null &&
        failure.bucketRegion !== place.region &&
        failure.status !== null &&
        failure.status < 500),
    remedy: ({ bucketRegion }, { bucket, region }) =>
      bucketRegion === null
        ? `Set AWS_REGION to the region of bucket "${bucket}": the store refuses "${region}".`
        : `Set AWS_REGION=${bucketRegion}: bucket "${bucket}" is there (x-amz-bucket-region), and AWS_REGION is "${region}".`,
  },
  { is: TRANSIENT, remedy: () => null },
  {
    is: ({ status, location }) => (status === 301 || status === 308) && location !== null,
    remedy: ({ status, location }) =>
      `Set S3_ENDPOINT to the store's own address: it answers ${status} and leads to "${location}".`,
  },
  {
    is: codes("CredentialsProviderError"),
    remedy: () =>
      "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role: no credentials were found.",
  },
  {
    is: codes("InvalidAccessKeyId"),
    remedy: () => "Correct AWS_ACCESS_KEY_ID: the store does not know it.",
  },
  {
    is: codes("SignatureDoesNotMatch"),
    remedy: () =>
      "Correct AWS_SECRET_ACCESS_KEY: the signature does not match (or a proxy in front of the store changes Host or path).",
  },
  {
    is: codes("ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"),
    remedy: () => "Renew AWS_SESSION_TOKEN and its keys: the store says that they have expired.",
  },
  {
    is: codes("RequestTimeTooSkewed", "RequestExpired"),
    remedy: () => "Set this machine's clock: it differs from the store's by more than 15 minutes.",
  },
  {
    is: codes("NoSuchBucket", "InvalidBucketName"),
    remedy: (_, place) => noBucket(place),
  },
  {
    is: codes(
      "SELF_SIGNED_CERT_IN_CHAIN",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "CERT_UNTRUSTED",
    ),
    remedy: ({ code }) =>
      `Set AWS_CA_BUNDLE to a PEM file with the authority of the store's certificate, which is not trusted here (${code}).`,
  },
  {
    is: codes("ERR_TLS_CERT_ALTNAME_INVALID", "HOSTNAME_MISMATCH"),
    remedy: (_, { endpoint }) =>
      `Use a name in S3_ENDPOINT that the store's certificate holds: it is not made for "${endpoint}".`,
  },
  {
    is: codes("CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"),
    remedy: ({ code }) => `Renew the store's certificate, or set this machine's clock (${code}).`,
  },
  {
    is: ({ code, message }) => /^KMS/i.test(code) || /\bkms:/i.test(message),
    remedy: ({ code, message }) =>
      `Correct ARCHIVE_KMS_KEY_ID or the rights on that key (kms:GenerateDataKey to write, kms:Decrypt to read): ${code}, "${message}".`,
  },
  { is: isDenied, remedy: (failure, place, action) => deniedRemedy(failure, place, action) },
  {
    is: ({ status }) => status !== null && TRANSIENT_STATUSES.has(status),
    remedy: () => null,
  },
  {
    // HEAD has no body, so a 403 to it has no code.
    is: ({ status, code }) => status === 403 && (code === "Unknown" || code === "403"),
    remedy: (failure, place, action) => deniedRemedy(failure, place, action),
  },
  {
    is: ({ status }, place) => status === 501 && place !== null,
    remedy: ({ message }, { encryption }) =>
      encryption === null
        ? `Use another store: this one does not support what an upload needs (501, "${message}").`
        : `Unset ARCHIVE_ENCRYPTION or use another store: this one does not support it (501, "${message}").`,
  },
  OTHER_REFUSAL,
];

/** A 404 to anything but the look at an object. */
export function noBucket({ bucket, endpoint }: StorePlace): string {
  const where = endpoint === null ? "AWS" : `the store at ${endpoint}`;
  return `Create bucket "${bucket}" or correct S3_BUCKET_NAME: ${where} has none of that name.`;
}

function deniedRemedy({ message }: S3Failure, place: StorePlace, action: StoreAction): string {
  const arn = bucketArn(place);
  const objects = `${arn}/${place.keyPrefix}/*`;
  const denied = /\bexplicit deny in an? ([a-z -]+?policy)\b/i.exec(message)?.[1];
  const grant = {
    put: `s3:PutObject on ${objects}`,
    head: `s3:GetObject on ${objects}, and s3:ListBucket on ${arn}, without which a missing object is refused, too`,
    get: `s3:GetObject on ${objects}`,
    list: `s3:ListBucket on ${arn}`,
  }[action];
  const reason = denied === undefined ? "" : `; a deny in the ${denied} forbids it`;
  const encryption =
    action === "put" && place.encryption === null
      ? "; if a bucket policy demands an encryption header, set ARCHIVE_ENCRYPTION and ARCHIVE_KMS_KEY_ID"
      : "";
  return `Grant ${grant}${reason}${encryption}.`;
}

function bucketArn({ bucket, region }: StorePlace): string {
  const partition = region.startsWith("cn-")
    ? "aws-cn"
    : region.startsWith("us-gov-")
      ? "aws-us-gov"
      : "aws";
  return `arn:${partition}:s3:::${bucket}`;
}
