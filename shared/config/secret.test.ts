import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PipelineError } from "../error.ts";
import { loadConfig } from "./config.ts";
import type { Option } from "./option.ts";
import { fileVariableOf, findSecret, isOptionSet } from "./secret.ts";
import { OPTIONS } from "./sections.ts";

const HUSH = "hush-hush";
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tally-secrets-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await Bun.write(path, content);
  return path;
}

function problemsOf(env: Record<string, string>): string {
  try {
    loadConfig(env, "stack");
  } catch (error) {
    if (error instanceof PipelineError && error.code === "config_invalid") return error.message;
    throw error;
  }
  return "";
}

describe("findSecret()", () => {
  test.each([
    ["nothing", HUSH],
    ["a newline", `${HUSH}\n`],
    ["a newline of Windows", `${HUSH}\r\n`],
  ])("reads a file that ends with %s", async (name, content) => {
    const path = await file(name, content);

    expect(findSecret({ A_FILE: path }, "A")).toEqual({
      kind: "value",
      value: { variable: "A_FILE", text: HUSH },
    });
  });

  test("keeps white space that belongs to the secret", async () => {
    const path = await file("spaces", ` ${HUSH} \n\n`);

    expect(findSecret({ A_FILE: path }, "A")).toMatchObject({ value: { text: ` ${HUSH} \n` } });
  });

  test("takes the variable when there is no file, and nothing when both are empty", () => {
    const value = { variable: "A", text: HUSH };
    expect(findSecret({ A: HUSH, A_FILE: "" }, "A")).toEqual({ kind: "value", value });
    expect(findSecret({ A: "" }, "A")).toMatchObject({ value: { text: null } });
    expect([
      isOptionSet({ A_FILE: "x" }, "A"),
      isOptionSet({ A: "x" }, "A"),
      isOptionSet({}, "A"),
    ]).toEqual([true, true, false]);
  });

  test("says both names when both are set, and neither value", async () => {
    const path = await file("both", HUSH);
    const { problem = "" } = findSecret({ A: "loud", A_FILE: path }, "A") as { problem?: string };

    expect(problem).toBe("A and A_FILE are both set: unset one");
  });

  test("names the variable and the file, and never what the file holds", async () => {
    const found = async (name: string, content: string | Uint8Array) =>
      findSecret({ A_FILE: await file(name, content) }, "A");
    const missing = findSecret({ A_FILE: "/nowhere/at/all" }, "A");
    const problems = [
      [missing, '"/nowhere/at/all", which does not exist'],
      [findSecret({ A_FILE: folder }, "A"), `"${folder}", which is no file`],
      [await found("empty", "\n"), "which is empty"],
      [await found("large", HUSH.repeat(10_000)), "which has more than 65536 bytes"],
      [await found("bytes", Buffer.from([0x68, 0xff, 0xfe])), "which is no text in UTF-8"],
    ] as const;

    for (const [outcome, text] of problems) {
      expect(outcome).toMatchObject({ kind: "problem" });
      expect(JSON.stringify(outcome)).toContain(JSON.stringify(text).slice(1, -1));
      expect(JSON.stringify(outcome)).toContain("A_FILE names");
      expect(JSON.stringify(outcome)).not.toContain("hush");
    }
  });
});

describe("loadConfig()", () => {
  const secrets = Object.values(OPTIONS)
    .flatMap((section) => Object.values<Option<unknown>>(section))
    .filter(({ secret, readAll }) => secret && readAll === undefined);

  test.each(secrets.map(({ env }) => env))("reads %s from a file", async (variable) => {
    const content = variable.includes("DATABASE_URL") ? "postgres://u:hush@db.example/x" : HUSH;
    const env = { [fileVariableOf(variable)]: await file("secret", `${content}\n`) };

    expect(JSON.stringify(loadConfig(env, "stack"))).toContain(content);
  });

  test("reads secret properties of librdkafka from files", async () => {
    const path = await file("keystore", `${HUSH}\n`);
    const { properties } = loadConfig(
      { KAFKA_RDKAFKA_SSL_KEYSTORE_PASSWORD_FILE: path },
      "ingest",
    ).kafka;

    expect(properties).toEqual({ "ssl.keystore.password": HUSH });
  });

  test("names the file's variable when what the file holds has a wrong form", async () => {
    const path = await file("url", "mysql://user:hush@host/db\n");
    const problems = problemsOf({ DATABASE_URL_FILE: path });

    expect(problems).toContain("DATABASE_URL_FILE must be a URL");
    expect(problems).not.toContain("hush");
  });

  test("lists a file that can't be read with the other problems", () => {
    const problems = problemsOf({ KAFKA_SASL_PASSWORD_FILE: "/nowhere", INGEST_PORT: "x" });

    expect(problems).toContain('KAFKA_SASL_PASSWORD_FILE names "/nowhere", which does not exist');
    expect(problems).toContain("INGEST_PORT must be");
  });
});
