/** A database for one system, owned by a separate role. */
import { SQL } from "bun";
import type { Stack } from "@tally/stack";

/** Where the database is, and who owns it. */
export interface SystemDatabase {
  /** URL for a superuser, without a proxy. */
  readonly url: string;
  readonly schema: string;
  readonly name: string;
  /** The owner that the services connect as. It is no superuser, so rights can be revoked. */
  readonly role: string;
}

/** Makes the database and its owner; both get the name, the owner also as the password. */
export async function createOwnedDatabase(stack: Stack, name: string): Promise<SystemDatabase> {
  await onServer(stack, async (sql) => {
    await sql.unsafe(`create role "${name}" login password '${name}'`);
    await sql.unsafe(`create database "${name}" owner "${name}"`);
  });
  const url = new URL(stack.postgres.url);
  url.pathname = `/${name}`;
  return { url: url.href, schema: "public", name, role: name };
}

/** Drops both; open connections end. */
export async function dropOwnedDatabase(
  stack: Stack,
  { name, role }: SystemDatabase,
): Promise<void> {
  await onServer(stack, async (sql) => {
    await sql.unsafe(`drop database "${name}" with (force)`);
    await sql.unsafe(`drop role "${role}"`);
  });
}

async function onServer(stack: Stack, work: (sql: SQL) => Promise<void>): Promise<void> {
  const sql = new SQL(stack.postgres.url, { max: 1 });
  try {
    await work(sql);
  } finally {
    await sql.close();
  }
}
