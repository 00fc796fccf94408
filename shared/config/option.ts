/**
 * Kinds of options: how the text of an environment variable becomes a value,
 * and what is wrong with it when it can't. The rows are in options_*.ts.
 */
import { parseDatabaseUrl } from "./database_url.ts";
import { isOrigin, parseHost } from "./host_name.ts";
import { parseNetwork } from "./network.ts";
import type { Parsed } from "./parsed.ts";
import type { Env } from "../process/command.ts";

/** One option: a row of the configuration table. */
export interface Option<T> {
  readonly env: string;
  /** As written in the environment, or null without a default: then the value is null, too. */
  readonly default: string | null;
  /** Unit and allowed range, as docs/configuration.md prints it. */
  readonly range: string;
  /** One sentence about the trade-off. */
  readonly help: string;
  /** Whether the value is secret: it is never printed or logged. */
  readonly secret: boolean;
  /** @returns The value, or what is wrong with the text. */
  readonly parse: (text: string) => Parsed<T>;
  /** Only of an option that is a family of variables: reads them all, instead of `parse`. */
  readonly readAll?: (env: Env) => { readonly value: T; readonly problems: readonly string[] };
}

/** What every row states, whatever its kind. */
interface Row<D extends string | null> {
  env: string;
  default: D;
  help: string;
}

/**
 * A whole number from `min` to `max` in `unit`; no suffixes, no signs. Null when it is not set and
 * has no default.
 */
export function integer<D extends string | null>(
  row: Row<D> & { unit: string; min: number; max: number },
): Option<D extends null ? number | null : number> {
  const range = `${row.unit}, ${row.min} to ${row.max}`;
  return {
    ...base(row, range),
    parse(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= row.min && value <= row.max) {
        return { kind: "value", value: value as D extends null ? number | null : number };
      }
      return {
        kind: "problem",
        problem: `must be a whole number of ${row.unit} from ${row.min} to ${row.max}`,
      };
    },
  };
}

/** Any text that is not empty, or null when it is not set and has no default. */
export function text<D extends string | null>(
  row: Row<D> & { shape?: RegExp; range?: string; secret?: boolean },
): Option<D extends null ? string | null : string> {
  return {
    ...base(row, row.range ?? "text"),
    secret: row.secret ?? false,
    parse(value) {
      if (row.shape !== undefined && !row.shape.test(value)) {
        return { kind: "problem", problem: `must be ${row.range ?? "text"}` };
      }
      return { kind: "value", value: value as D extends null ? string | null : string };
    },
  };
}

/** One of a few words. */
export function choice<const C extends string>(
  row: Row<string> & { choices: readonly C[] },
): Option<C> {
  return {
    ...base(row, row.choices.map((word) => `\`${word}\``).join(", ")),
    parse(value) {
      const found = row.choices.find((word) => word === value);
      if (found !== undefined) return { kind: "value", value: found };
      return { kind: "problem", problem: `must be one of ${row.choices.join(", ")}` };
    },
  };
}

/** One of two words, `true` or `false` when the row names no others; the first means yes. */
export function flag<const W extends string = "true" | "false">(
  row: Row<NoInfer<W>> & { words?: readonly [yes: W, no: W] },
): Option<boolean> {
  const [yes, no] = row.words ?? ["true", "false"];
  return {
    ...base(row, `\`${yes}\`, \`${no}\``),
    parse(value) {
      if (value === yes || value === no) return { kind: "value", value: value === yes };
      return { kind: "problem", problem: `must be ${yes} or ${no}` };
    },
  };
}

/** Origins of web pages, separated by commas; white space and empty entries are ignored. */
export function origins(row: Row<string>): Option<readonly string[]> {
  return {
    ...base(row, "origins separated by commas"),
    parse(text) {
      const parts = text.split(",").map((part) => part.trim());
      const value = parts.filter((part) => part !== "");
      if (value.every(isOrigin)) return { kind: "value", value };
      return {
        kind: "problem",
        problem: "must be origins like http://localhost:5173, separated by commas",
      };
    },
  };
}

/** Names of hosts, separated by commas; white space and empty entries are ignored. */
export function hostNames(row: Row<string>): Option<readonly string[]> {
  return {
    ...base(row, "host names separated by commas"),
    parse(text) {
      const parts = text.split(",").map((part) => part.trim());
      const hosts = parts.filter((part) => part !== "").map(parseHost);
      const value = hosts.flatMap((host) => (host === null || host.hasPort ? [] : [host.name]));
      if (value.length === hosts.length) return { kind: "value", value };
      return {
        kind: "problem",
        problem: "must be host names without scheme and port, separated by commas",
      };
    },
  };
}

/** IP addresses and networks, separated by commas; white space and empty entries are ignored. */
export function networks(row: Row<string>): Option<readonly string[]> {
  return {
    ...base(row, "addresses and networks separated by commas"),
    parse(text) {
      const parts = text.split(",").map((part) => part.trim());
      const value = parts.filter((part) => part !== "");
      if (value.every((part) => parseNetwork(part) !== null)) return { kind: "value", value };
      return {
        kind: "problem",
        problem: "must be IP addresses or networks like 10.0.0.0/8, separated by commas",
      };
    },
  };
}

/** A URL with one of the given schemes, or null when it is not set and has no default. */
export function address<D extends string | null>(
  row: Row<D> & { schemes: readonly string[] },
): Option<D extends null ? string | null : string> {
  return {
    ...base(row, `URL: ${row.schemes.map((scheme) => `${scheme}://`).join(", ")}`),
    parse(value) {
      const scheme = URL.parse(value)?.protocol.slice(0, -1);
      if (scheme !== undefined && row.schemes.includes(scheme)) {
        return { kind: "value", value: value as D extends null ? string | null : string };
      }
      return {
        kind: "problem",
        problem: `must be a URL that begins with ${row.schemes.join(":// or ")}://`,
      };
    },
  };
}

/** A URL of PostgreSQL, checked with its parameters (database_url.ts); the value is its text. */
export function databaseUrl<D extends string | null>(
  row: Row<D>,
): Option<D extends null ? string | null : string> {
  return {
    ...base(row, "URL: postgres://, postgresql://"),
    secret: true,
    parse(value) {
      const target = parseDatabaseUrl(value);
      if (target.kind !== "value") return target;
      return { kind: "value", value: value as D extends null ? string | null : string };
    },
  };
}

function base<D extends string | null>(row: Row<D>, range: string) {
  return { env: row.env, default: row.default, help: row.help, range, secret: false };
}
