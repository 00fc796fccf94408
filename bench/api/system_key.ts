/** A key for the programs that try the interfaces of a system with keys on. */
import { eventually } from "@tally/shared";
import { hashKey, newKey, prefixOfKey, type Scope } from "@tally/shared/keys";
import type { System } from "../system/system.ts";

/** Services look for changes every 2 s. */
const KNOWN_MS_MAX = 20_000;

/** Makes a key and waits until both services know it. */
export async function createSystemKey(system: System, scopes: readonly Scope[]): Promise<string> {
  const { sql, ingests, processors } = system;
  const key = newKey();
  const name = scopes.join("-");
  await sql`insert into api_keys (name, hash, prefix, scopes) values
    (${name}, decode(${hashKey(key)}, 'hex'), ${prefixOfKey(key)}, ${sql.array([...scopes], "TEXT")})`;
  const urls = [ingests[0], processors[0]].map(({ url }) => `${url}/metrics`);
  const isKnown = async (url: string): Promise<boolean> => {
    const { status } = await fetch(url, { headers: { "x-api-key": key } });
    // 403: it is known and may not read.
    return status !== 401 && status !== 503;
  };
  for (const url of urls) {
    if (!(await eventually(() => isKnown(url), KNOWN_MS_MAX)))
      throw new Error(`Cannot use the key "${name}": ${url} does not know it`);
  }
  return key;
}
