/**
 * Secret options: the value stands in the variable, or in the file that the variable with `_FILE`
 * at its end names, as Docker and Kubernetes hand out secrets. What a file holds is in no message.
 * This is an edge of the package: the file is read here.
 */
import { readFileSync, statSync } from "node:fs";
import type { Env } from "../process/command.ts";
import type { Parsed } from "./parsed.ts";

/** The text of a secret option, and the variable that it comes from. */
export interface FoundSecret {
  readonly variable: string;
  /** Null when neither variable is set. */
  readonly text: string | null;
}

/** Longest file, bytes: a PEM key with its chain has a tenth of it. */
const FILE_BYTES_MAX = 64 * 1024; // chosen

/** The variable that names the file of a secret option. */
export function fileVariableOf(variable: string): string {
  return `${variable}_FILE`;
}

/** Whether the environment has an option, as a value or as a file. Empty counts as not set. */
export function isOptionSet(env: Env, variable: string): boolean {
  return Boolean(env[variable] || env[fileVariableOf(variable)]);
}

/** Finds a secret option. A problem begins with the name of the variable at fault. */
export function findSecret(env: Env, variable: string): Parsed<FoundSecret> {
  const fileVariable = fileVariableOf(variable);
  const path = env[fileVariable] || null;
  const text = env[variable] || null;
  if (path === null) return { kind: "value", value: { variable, text } };
  if (text !== null) {
    return { kind: "problem", problem: `${variable} and ${fileVariable} are both set: unset one` };
  }
  const found = readText(path);
  if (found.kind === "value") {
    return { kind: "value", value: { variable: fileVariable, text: found.value } };
  }
  return { kind: "problem", problem: `${fileVariable} names "${path}", which ${found.problem}` };
}

function readText(path: string): Parsed<string> {
  try {
    const stats = statSync(path);
    // A pipe would be read by the first service only, and a device might never end.
    if (!stats.isFile()) return { kind: "problem", problem: "is no file" };
    if (stats.size > FILE_BYTES_MAX) {
      return { kind: "problem", problem: `has more than ${FILE_BYTES_MAX} bytes` };
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
    const value = text.replace(/\r?\n$/, "");
    return value === "" ? { kind: "problem", problem: "is empty" } : { kind: "value", value };
  } catch (error) {
    return { kind: "problem", problem: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return "does not exist";
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "is no text in UTF-8";
  return code === "EACCES" ? "this user may not read" : `can't be read (${code})`;
}
