/** Runs the commands of `bun run keys`. */
import type { Config } from "@tally/shared";
import { newKey } from "@tally/shared/keys";
import { tableText } from "@tally/shared/terminal/table";
import type { Database } from "@tally/shared/database";

import { openDatabase } from "../../database/database.ts";
import {
  createKey,
  KEY_RIGHTS,
  listKeys,
  revokeKey,
  type KeyWish,
  type ListedKey,
} from "../../keys/store.ts";
import { refuseTables } from "../refuse_tables.ts";
import type { KeysCommand } from "./arguments.ts";

/** 0: done; 1: refused. */
export type ExitCode = 0 | 1;

export interface RunOptions {
  readonly config: Pick<Config<"processor">, "database">;
  /** Prints results: of `create` the key alone. */
  readonly print: (text: string) => void;
  /** Prints what a person should know beside them. */
  readonly note: (text: string) => void;
}

/**
 * Runs one command.
 *
 * @throws {PipelineError} `database_unavailable`; `database_misconfigured`, `database_read_only`,
 *   `config_invalid` when the server or the role is not fit.
 */
export async function runKeys(command: KeysCommand, options: RunOptions): Promise<ExitCode> {
  const { config, note, print } = options;
  const { schema } = config.database;
  const sql = openDatabase(config, "tally-keys");
  try {
    const needs = command.name === "list" ? { api_keys: ["select"] } : KEY_RIGHTS;
    const unfit = await refuseTables(sql, { schema, needs });
    if (unfit !== null) {
      note(`${unfit}\n`);
      return 1;
    }
    if (command.name === "create") return await create(sql, command.wish, options);
    if (command.name === "revoke") return await revoke(sql, command.key, options);
    const keys = await listKeys(sql);
    print(keys.length === 0 ? "There are no keys.\n" : describeKeys(keys));
    return 0;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function create(sql: Database, wish: KeyWish, { note, print }: RunOptions) {
  const { name } = wish;
  const text = newKey();
  const change = await createKey(sql, text, wish);
  if (change.kind === "done") {
    print(`${text}\n`);
    note(describeNewKey(wish));
    return 0;
  }
  note(
    change.kind === "revoked"
      ? `The name "${name}" is not free: its key was revoked at ${change.revokedAt} UTC, and events carry the name. Choose another one.\n`
      : `The name "${name}" is taken: choose another one, or revoke that key first and choose a new name all the same.\n`,
  );
  return 1;
}

async function revoke(sql: Database, name: string, { note }: RunOptions) {
  const change = await revokeKey(sql, name);
  if (change.kind === "absent") {
    note(`There is no key "${name}": "bun run keys" lists them.\n`);
    return 1;
  }
  note(
    change.kind === "revoked"
      ? `The key "${name}" was revoked before, at ${change.revokedAt} UTC.\n`
      : `The key "${name}" is revoked: services refuse it within 5 s. A service that cannot reach PostgreSQL learns of it when it can.\n`,
  );
  return 0;
}

function describeNewKey({ name, scopes, origins }: KeyWish): string {
  const lines = [
    `The key "${name}" is printed above, once: only its SHA-256 is stored. It may ${scopes.join(" and ")}.`,
    `Send it as the header "Authorization: Bearer KEY". Services know it within 5 s.`,
  ];
  if (scopes.includes("write") && origins.length === 0) {
    lines.push(
      "It is bound to no origin: keep it on servers. For a web page, create one with --origin.",
    );
  }
  return `${lines.join("\n")}\n`;
}

const HEAD = ["name", "key", "scopes", "origins", "types", "quota", "created", "revoked"];

function describeKeys(keys: readonly ListedKey[]): string {
  const rows = keys.map((key) => [
    key.name,
    `${key.prefix}...`,
    key.scopes.join(","),
    key.origins.length === 0 ? "-" : key.origins.join(" "),
    key.eventTypes === null ? "all" : key.eventTypes.join(" "),
    quotaOf(key),
    key.createdAt,
    key.revokedAt ?? "-",
  ]);
  return tableText(rows, { head: HEAD, isRuled: true });
}

function quotaOf({ eventsPerSecond, bytesPerSecond }: ListedKey): string {
  const parts = [
    ...(eventsPerSecond === null ? [] : [`${eventsPerSecond} events/s`]),
    ...(bytesPerSecond === null ? [] : [`${bytesPerSecond} bytes/s`]),
  ];
  return parts.length === 0 ? "-" : parts.join(", ");
}
