/** What PostgreSQL holds of keys and sessions: read together, opened and ended one by one. */
import { PipelineError } from "@tally/shared";
import { hashKey, KeySet, keySetStatement } from "@tally/shared/keys";
import { guarded, type Database } from "@tally/shared/database";
import { READ_MS_MAX, type ReadCredentials, type Session } from "./credentials.ts";

/** Sessions of one key; a new one above it ends the oldest. */
export const SESSIONS_PER_KEY_MAX = 100; // chosen

interface StoredSession {
  readonly hash: string;
  readonly name: string;
  readonly expiresAt: string;
  readonly leftMs: number;
}

/** Makes the reader. Sessions of revoked keys are not read. */
export function credentialReader(sql: Database, schema: string): ReadCredentials {
  const statement = `select (${keySetStatement(schema)}) as keys, (${SESSIONS(schema)}) as sessions`;
  return async (nowMs) => {
    const [row] = await guarded(
      sql,
      () => sql.unsafe<{ keys: string; sessions: readonly StoredSession[] }[]>(statement),
      READ_MS_MAX,
    );
    const keys = KeySet.fromJson(row?.keys ?? "");
    if (keys === null) {
      throw new PipelineError("database_unavailable", "Cannot read keys: they have another form");
    }
    return {
      keys,
      scopes: new Map([...keys.keys()].map(({ name, scopes }) => [name, scopes])),
      sessions: new Map((row?.sessions ?? []).map((each) => [each.hash, sessionOf(each, nowMs)])),
    };
  };
}

const SESSIONS = (schema: string): string => `
  select coalesce(json_agg(json_build_object(
    'hash', encode(session.hash, 'hex'), 'name', key_name,
    'expiresAt', to_char(expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'leftMs', extract(epoch from expires_at - now()) * 1000)), '[]')
  from "${schema}".dashboard_sessions session join "${schema}".api_keys on name = key_name
  where revoked_at is null and expires_at > now()`;

function sessionOf({ name, expiresAt, leftMs }: StoredSession, nowMs: number): Session {
  return { name, expiresAt, endsMs: nowMs + leftMs };
}

/** Opens and ends sessions. */
export interface SessionStore {
  /** Makes a session of a key, or gives null when the key was revoked meanwhile. */
  open(
    name: string,
    hours: number,
  ): Promise<{ readonly text: string; readonly expiresAt: string } | null>;
  end(hash: string): Promise<void>;
}

/** 32 random bytes as base64url: what a browser holds. */
export function newSessionText(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** @param newText Makes the text of a session. */
export function createSessionStore(sql: Database, newText: () => string): SessionStore {
  return {
    async open(name, hours) {
      const text = newText();
      const rows = await guarded(
        sql,
        () => sql<{ expiresAt: string }[]>`
          with ended as (
            delete from dashboard_sessions where expires_at <= now() or hash in (
              select hash from dashboard_sessions where key_name = ${name} and expires_at > now()
              order by created_at desc offset ${SESSIONS_PER_KEY_MAX - 1}))
          insert into dashboard_sessions (hash, key_name, expires_at)
          select decode(${hashKey(text)}, 'hex'), name, now() + make_interval(hours => ${hours})
          from api_keys where name = ${name} and revoked_at is null
          returning to_char(expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "expiresAt"`,
      );
      const expiresAt = rows[0]?.expiresAt;
      return expiresAt === undefined ? null : { text, expiresAt };
    },
    async end(hash) {
      await guarded(
        sql,
        () => sql`delete from dashboard_sessions where hash = decode(${hash}, 'hex')`,
      );
    },
  };
}
