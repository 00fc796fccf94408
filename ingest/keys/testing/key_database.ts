/** A database with the tables of keys, as the processor makes them. Test support. */
import { createDatabase, testNames, testStack } from "@tally/stack/testing";
import { hashKey, newKey, prefixOfKey } from "@tally/shared/keys";
import type { PooledDatabase } from "@tally/stack/testing/pooler";
import { SQL } from "bun";
import { join } from "node:path";

const MIGRATION = join(import.meta.dir, "../../../processor/database/migrations/0011_keys.sql");

export interface KeyDatabase {
  /** As a superuser. */
  readonly url: string;
  /** A role that may select both tables that ingest reads, and nothing else. */
  readonly reader: PooledDatabase;
  readonly sql: SQL;
  /** Stores a key. @returns Its text. */
  create(name: string, scopes?: string): Promise<string>;
  revoke(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Makes one, in the schema `public`. */
export async function createKeyDatabase(): Promise<KeyDatabase> {
  const stack = await testStack();
  const { database: name } = testNames();
  const url = await createDatabase(stack, name);
  const sql = new SQL(url, { max: 1 });
  await sql.unsafe(await Bun.file(MIGRATION).text());
  const role = `${name}_reader`;
  const password = "secret";
  await sql.unsafe(`create role ${role} login password '${password}'`);
  await sql.unsafe(`grant select on api_keys, key_changes to ${role}`);
  const { host } = new URL(url);
  const reader = { name, role, password, url: `postgres://${role}:${password}@${host}/${name}` };
  return {
    url,
    reader,
    sql,
    async create(keyName, scopes = "{write}") {
      const text = newKey();
      await sql`
        insert into api_keys (name, hash, prefix, scopes)
        values (${keyName}, decode(${hashKey(text)}, 'hex'), ${prefixOfKey(text)}, ${scopes})`;
      return text;
    },
    async revoke(keyName) {
      await sql`update api_keys set revoked_at = now() where name = ${keyName}`;
    },
    async close() {
      await sql.unsafe(`drop owned by ${role}`);
      await sql.unsafe(`drop role ${role}`);
      await sql.close();
    },
  };
}
