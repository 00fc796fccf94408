/** The command line of Schemathesis: what it sends to a service, and what it checks. */
import { join } from "node:path";

const CONFIG = join(import.meta.dir, "schemathesis.toml");
/** The variable of this name loads it. */
export const SCHEMATHESIS_HOOKS = join(import.meta.dir, "schemathesis_hooks.py");

/** How much it sends, and as whom. */
export interface SchemathesisOptions {
  readonly venv: string;
  /** Examples for an operation. */
  readonly examples: number;
  readonly seed: number;
  /** Sent with every request; the service takes requests without one when absent. */
  readonly key?: string | undefined;
}

/** What holds for every answer, whether the request is good or not. */
const ANSWER_CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
];

/** All checks, in both modes. */
export function schemathesisCommand(url: string, options: SchemathesisOptions): string[] {
  const { key } = options;
  const header = key === undefined ? [] : ["--header", `Authorization: Bearer ${key}`];
  return [...command(url, options), "--checks", "all", ...header];
}

/** Without a key: good requests are refused as well. */
export function strangerCommand(url: string, options: SchemathesisOptions): string[] {
  return [...command(url, options), "--checks", ANSWER_CHECKS.join(",")];
}

function command(url: string, { venv, examples, seed }: SchemathesisOptions): string[] {
  const amount = ["--max-examples", String(examples), "--seed", String(seed)];
  const program = join(venv, "bin", "schemathesis");
  const how = ["--mode", "all", "--continue-on-failure"];
  return [program, "--config-file", CONFIG, "run", `${url}/openapi.json`, ...how, ...amount];
}
