/** The command line of `bun run keys`: commands, options and help. Pure. */
import { findEventTypeFault, isOrigin } from "@tally/shared";
import { isScope, KEY_NAME, SCOPES, type Scope } from "@tally/shared/keys";
import {
  readCommandLine,
  type Answer,
  type BareCommand,
  type CommandInfo,
  type CommandLine,
} from "@tally/shared/terminal/command_line";
import { listOf, wholeNumber } from "@tally/shared/terminal/option_values";

import type { KeyWish } from "../../keys/store.ts";

/** A command of `bun run keys`. */
export type KeysCommand =
  | { readonly name: "create"; readonly wish: KeyWish }
  | { readonly name: "list" }
  | { readonly name: "revoke"; readonly key: string };

/** Reads the words of the command line. */
export function parseKeysArguments(words: readonly string[]): CommandLine<KeysCommand> {
  return readCommandLine(words, INFO, declareCommands);
}

const EVENTS_RANGE = { min: 1, max: 10_000_000 }; // chosen
const BYTES_RANGE = { min: 1, max: 9_999_999_999 }; // chosen

function declareCommands(program: BareCommand, { run }: Answer<KeysCommand>): void {
  program
    .command("create")
    .description("make a key and print it, once: only its SHA-256 is stored")
    .argument("<name>", NAME_HELP)
    .addOption(SCOPES_OPTION)
    .addOption(ORIGINS_OPTION)
    .addOption(TYPES_OPTION)
    .addOption(wholeNumber("--events-per-second <number>", "quota of events", EVENTS_RANGE))
    .addOption(wholeNumber("--bytes-per-second <number>", "quota of bytes", BYTES_RANGE))
    .action((name, { scope = [], origin, type, eventsPerSecond, bytesPerSecond }, command) => {
      const limits = [origin, type, eventsPerSecond, bytesPerSecond];
      const fault = findNameFault(name) ?? findMixFault(scope, limits);
      if (fault !== null) command.error(`error: ${fault}`);
      run({
        name: "create",
        wish: {
          name,
          scopes: SCOPES.filter((each) => scope.includes(each)),
          origins: [...new Set(origin)],
          eventTypes: type === undefined ? null : [...new Set(type)],
          eventsPerSecond: eventsPerSecond ?? null,
          bytesPerSecond: bytesPerSecond ?? null,
        },
      });
    });
  program
    .command("list", { isDefault: true })
    .description("list the keys, also those that were revoked")
    .action(() => run({ name: "list" }));
  program
    .command("revoke")
    .description("end a key; its name is never used again")
    .argument("<name>", "the key's name")
    .action((key, _, command) => {
      const fault = findNameFault(key);
      if (fault !== null) command.error(`error: ${fault}`);
      run({ name: "revoke", key });
    });
}

/** What does not fit together, or null. */
function findMixFault(scopes: readonly Scope[], limits: readonly unknown[]): string | null {
  if (scopes.length === 0) return `--scope is required: ${SCOPES.join(", ")}.`;
  const mayWrite = scopes.includes("write");
  if (mayWrite && new Set(scopes).size > 1) {
    return "a key that writes may do nothing else, because a write key is often public: create two keys.";
  }
  const isLimited = limits.some((limit) => limit !== undefined);
  return isLimited && !mayWrite
    ? "--origin, --type and quotas are for keys with the scope write."
    : null;
}

function findNameFault(name: string): string | null {
  return KEY_NAME.test(name) ? null : "the name must be 1 to 64 of A-Z a-z 0-9 . _ and -.";
}

function readScopes(text: string): Scope[] | null {
  const words = text.split(",").map((word) => word.trim());
  return words.every(isScope) ? words : null;
}

const NAME_HELP = "1 to 64 of A-Z a-z 0-9 . _ -; events of a write key carry it as their source";
const SCOPES_OPTION = listOf(
  "--scope <scopes...>",
  "what it may do: write alone, or read, operate or both",
  { read: readScopes, allowed: `Allowed are ${SCOPES.join(", ")}.` },
);
const ORIGINS_OPTION = listOf(
  "--origin <urls...>",
  "origins of the pages that may use a write key (default: bound to none)",
  {
    read: (text) => (isOrigin(text) ? [text] : null),
    allowed:
      "It must be what a browser sends as Origin, like https://shop.example: no path, no slash at the end, no default port, no wildcard.",
  },
);
const TYPES_OPTION = listOf(
  "--type <types...>",
  "event types that a write key may send (default: all)",
  {
    read: (text) => (findEventTypeFault(text) === null ? [text] : null),
    allowed: "It must be an event type of 1 to 128 characters.",
  },
);
const INFO: CommandInfo = {
  name: "bun run keys",
  summary: "Makes, lists and revokes keys, which requests present while TALLY_KEYS=on.",
  lists: [
    {
      title: "Scopes",
      rows: [
        ["write", "send events to ingest; may stand in a page, bound to its origins"],
        ["read", "look at everything: dashboard, queries, metrics"],
        ["operate", "change something on the processor: send dead letters again"],
      ],
    },
  ],
  examples: [
    ["bun run keys create backend --scope write", "for programs on servers"],
    [
      "bun run keys create shop --scope write --origin https://shop.example",
      "for the pages of a shop",
    ],
    [
      "bun run keys create app --scope write --type click view --events-per-second 200",
      "with limits",
    ],
    ["bun run keys create ada --scope read,operate", "to sign in with on the dashboard"],
    ["bun run keys", "list all keys"],
    ["bun run keys revoke shop", "end a key: services refuse it within 5 s"],
  ],
  notes: [
    "The key itself is the only text on standard output, so KEY=$(bun run keys create ...) works. To replace a key, create one with a new name, change the senders, and revoke the old one.",
    'DATABASE_URL and DATABASE_SCHEMA name another database than that of "bun run up".',
  ],
  exitCodes: {
    0: "done",
    1: "refused: the name is taken, there is no such key, or the tables are missing",
    2: "wrong use, or PostgreSQL does not answer",
  },
};
