/** The keys of a system with keys on: made before it starts, stored when its tables are there. */
import { eventually } from "@tally/shared";
import { hashKey, newKey, prefixOfKey } from "@tally/shared/keys";
import type { SQL } from "bun";

/** The name of the key that sends: the source of every event of such a system. */
export const SENDER = "verify";

type Headers = Readonly<Record<string, string>>;

/** The keys of a system, and how requests present them. */
export interface SystemKeys {
  readonly sendHeaders: Headers;
  readonly readHeaders: Headers;
  /** Stores them; does nothing when they are stored. */
  store(sql: SQL): Promise<void>;
}

/** With keys off. */
export const NO_KEYS: SystemKeys = {
  sendHeaders: {},
  readHeaders: {},
  store: () => Promise.resolve(),
};

/** A processor makes the tables when it starts. */
const TABLES_MS_MAX = 30_000;

/** Makes a key that sends and one that reads. */
export function createSystemKeys(): SystemKeys {
  const [sender, reader] = [newKey(), newKey()];
  return {
    sendHeaders: { authorization: `Bearer ${sender}` },
    readHeaders: { authorization: `Bearer ${reader}` },
    async store(sql) {
      const isThere = async () => {
        const [found] = await sql`select to_regclass('api_keys') is not null as "isThere"`;
        return (found as { isThere: boolean }).isThere;
      };
      if (!(await eventually(isThere, TABLES_MS_MAX)))
        throw new Error("Cannot store keys: no table");
      await sql`
        insert into api_keys (name, hash, prefix, scopes) values
          (${SENDER}, decode(${hashKey(sender)}, 'hex'), ${prefixOfKey(sender)}, '{write}'),
          ('reader', decode(${hashKey(reader)}, 'hex'), ${prefixOfKey(reader)}, '{read}')
        on conflict do nothing`;
    },
  };
}
