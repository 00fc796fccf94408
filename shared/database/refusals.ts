/**
 * What an error of PostgreSQL, of a pooler or of TLS says about the configuration: which of them
 * waiting can't mend, and what an operator has to change. Pure.
 */
import type { ErrorCode } from "../error.ts";

/** What a failed statement or connection ended with. */
export interface FailureFacts {
  /** SQLSTATE, or null when no server has answered. */
  readonly state: string | null;
  /** Code of an error of the socket or of TLS, or "". */
  readonly socketCode: string;
  readonly message: string;
}

/** What follows from it. */
export interface Refusal {
  readonly code: Extract<
    ErrorCode,
    "database_read_only" | "database_misconfigured" | "config_invalid"
  >;
  /** What an operator has to change, or null when waiting can help. */
  readonly remedy: string | null;
}

interface Row {
  /** Of `state: message` or, when no server has answered, of the socket's code. */
  readonly matches: RegExp;
  readonly code: Refusal["code"];
  readonly remedy: string | null;
}

/** Why PgBouncer refuses a connection that asks for settings, and what makes it accept one. */
export const POOLER_REMEDY =
  'Add pgbouncer=true to DATABASE_URL, and give the role the settings that docs/operations.md lists under "Poolers"';

const ROWS: readonly Row[] = [
  { matches: /^25006: /, code: "database_read_only", remedy: null },
  // A pooler ran a statement in a session in which it was not prepared, or another one was.
  { matches: /^(?:26000|42P05): /, code: "database_misconfigured", remedy: POOLER_REMEDY },
  {
    matches: /^08P01: unsupported startup parameter/,
    code: "config_invalid",
    remedy: POOLER_REMEDY,
  },
  // `inSchema` in connect.ts, and the same in the statements of the rows.
  { matches: /^42P01: .*search_path is/, code: "database_misconfigured", remedy: POOLER_REMEDY },
  {
    matches: /^42501: /,
    code: "database_misconfigured",
    remedy: 'Grant the role its rights: docs/operations.md lists them under "PostgreSQL"',
  },
  {
    matches: /^(?:28P01: |08P01: (?:no such user|.*(?:password|auth)))/,
    code: "database_misconfigured",
    remedy: "Correct the user and the password in DATABASE_URL",
  },
  {
    matches: /^28/,
    code: "database_misconfigured",
    remedy:
      "Let the server accept this user from this host (pg_hba.conf), or change sslmode in DATABASE_URL",
  },
  {
    matches: /^(?:3D000: |08P01: no such database)/,
    code: "database_misconfigured",
    remedy: "Create the database with the encoding UTF8, or correct its name in DATABASE_URL",
  },
  {
    matches: /^(?:ERR_TLS_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_)/,
    code: "database_misconfigured",
    remedy: "Correct sslrootcert or the host in DATABASE_URL, or the certificate of the server",
  },
];

/** Null when the error is about a row, or when the server is away or busy. */
export function refusalOf({ state, socketCode, message }: FailureFacts): Refusal | null {
  const subject = state === null ? socketCode : `${state}: ${message}`;
  const row = ROWS.find(({ matches }) => matches.test(subject));
  if (row === undefined) return null;
  const { code, remedy } = row;
  return { code, remedy: remedy === null ? null : `${remedy} (${message}).` };
}
