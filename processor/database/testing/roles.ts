/** Databases and roles as administrators make them. Test support. */
import { SQL } from "bun";
import { testNames, testStack } from "@tally/stack/testing";

/** A database with a role that owns nothing and may create nothing. */
export interface AdministeredDatabase {
  /** Runs statements as a superuser in the database. */
  run(...statements: readonly string[]): Promise<unknown>;
  /** URL for the role. */
  readonly url: string;
  readonly name: string;
  readonly role: string;
  /** A password that is no URL: "@", "/", ":" and "%" stand in it as they are. */
  readonly password: string;
  close(): Promise<void>;
}

/** Makes both. @param options What follows `create database NAME`. */
export async function administeredDatabase(options = ""): Promise<AdministeredDatabase> {
  const { url } = (await testStack()).postgres;
  const { database: name } = testNames();
  const role = `${name}_role`;
  const password = "p@ss:w/rd%?";
  const server = new SQL(url, { max: 1 });
  await server.unsafe(`create database "${name}" ${options}`);
  await server.unsafe(`create role "${role}" login password '${password}'`);
  const inside = new URL(url);
  inside.pathname = `/${name}`;
  const admin = new SQL(inside.href, { max: 1 });
  return {
    name,
    role,
    password,
    url: `postgres://${role}:${password}@${inside.host}/${name}`,
    async run(...statements) {
      let answer: unknown;
      for (const statement of statements) answer = await admin.unsafe(statement);
      return answer;
    },
    async close() {
      await admin.close();
      await server.unsafe(`drop database "${name}" with (force)`);
      await server.unsafe(`drop role "${role}"`);
      await server.close();
    },
  };
}
