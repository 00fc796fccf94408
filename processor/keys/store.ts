/**
 * The table of keys: one statement for each change, and a trigger moves the version that services
 * look at. Only the SHA-256 of a key is stored.
 */
import { hashKey, prefixOfKey, type Scope } from "@tally/shared/keys";
import { guarded, type Database } from "@tally/shared/database";
import type { Rights } from "../database/rights.ts";

/** What a new key may do. */
export interface KeyWish {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly origins: readonly string[];
  /** Null for all. */
  readonly eventTypes: readonly string[] | null;
  /** Null for no quota. */
  readonly eventsPerSecond: number | null;
  readonly bytesPerSecond: number | null;
}

/** A key as it is listed. */
export interface ListedKey extends KeyWish {
  /** The beginning of its text. */
  readonly prefix: string;
  readonly createdAt: string;
  /** Null while it is valid. */
  readonly revokedAt: string | null;
}

/** The rights of a role that changes keys. */
export const KEY_RIGHTS: Rights = {
  api_keys: ["select", "insert", "update"],
  key_changes: ["select", "update"],
  dashboard_sessions: ["select", "delete"],
};

/** What became of a wish or of a revocation. */
export type KeyChange =
  | { readonly kind: "done" }
  /** A valid key has the name already. */
  | { readonly kind: "taken" }
  /** No key has the name. */
  | { readonly kind: "absent" }
  /** The key of this name was revoked before; `revokedAt` is like `2026-01-31 07:00`, in UTC. */
  | { readonly kind: "revoked"; readonly revokedAt: string };

/** Stores a key. Names are never used again: rows carry them as their source. */
export async function createKey(sql: Database, text: string, wish: KeyWish): Promise<KeyChange> {
  const { name, scopes, origins, eventTypes, eventsPerSecond, bytesPerSecond } = wish;
  return await guarded(sql, async () => {
    const made = await sql`
      insert into api_keys (name, hash, prefix, scopes, origins, event_types,
        events_per_second, bytes_per_second)
      select ${name}, decode(${hashKey(text)}, 'hex'), ${prefixOfKey(text)},
        ${textArray(sql, scopes)}, ${textArray(sql, origins)},
        ${eventTypes === null ? null : textArray(sql, eventTypes)},
        ${eventsPerSecond}::integer, ${bytesPerSecond}::bigint
      on conflict (name) do nothing returning name`;
    if (made.length > 0) return { kind: "done" };
    const revokedAt = await revokedAtOf(sql, name);
    return revokedAt === null ? { kind: "taken" } : { kind: "revoked", revokedAt };
  });
}

/** Ends a key and the sessions that were begun with it. */
export async function revokeKey(sql: Database, name: string): Promise<KeyChange> {
  return await guarded(sql, async () => {
    const revoked = await sql`
      with revoked as (
        update api_keys set revoked_at = now() where name = ${name} and revoked_at is null
        returning name
      ), ended as (
        delete from dashboard_sessions where key_name in (select name from revoked)
      )
      select name from revoked`;
    if (revoked.length > 0) return { kind: "done" };
    const revokedAt = await revokedAtOf(sql, name);
    return revokedAt === null ? { kind: "absent" } : { kind: "revoked", revokedAt };
  });
}

/** Every key that was ever made: first those that are valid, by name. */
export async function listKeys(sql: Database): Promise<readonly ListedKey[]> {
  const rows = await guarded(
    sql,
    () => sql<{ keys: string }[]>`
      select coalesce(json_agg(json_build_object('name', name, 'prefix', prefix,
        'scopes', to_json(scopes), 'origins', to_json(origins), 'eventTypes', to_json(event_types),
        'eventsPerSecond', events_per_second, 'bytesPerSecond', bytes_per_second,
        'createdAt', ${timeText(sql, "created_at")}, 'revokedAt', ${timeText(sql, "revoked_at")})
        order by revoked_at is not null, name), '[]')::text as keys
      from api_keys`,
  );
  return JSON.parse(rows[0]?.keys ?? "[]") as ListedKey[];
}

/** When the key was revoked; null when it was not, or when there is none. */
async function revokedAtOf(sql: Database, name: string): Promise<string | null> {
  const [found] = await sql<{ revokedAt: string | null }[]>`
    select ${timeText(sql, "revoked_at")} as "revokedAt" from api_keys where name = ${name}`;
  return found?.revokedAt ?? null;
}

function timeText(sql: Database, column: string) {
  return sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD HH24:MI')`;
}

/** As JSON: the driver sends no arrays (`fetch_types` of connect.ts). */
function textArray(sql: Database, texts: readonly string[]) {
  return sql`array(select jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb))`;
}
