import { ERRORS, loadConfig } from "@tally/shared";
import { expect, test } from "bun:test";
import { Glob } from "bun";
import { join } from "node:path";
import { openApiFaults } from "@tally/stack/testing/openapi_faults";
import { describeApi, EVENT_CODES, REQUEST_CODES } from "./openapi.ts";

const CODES = [...REQUEST_CODES, ...EVENT_CODES];
const { ingest } = loadConfig({}, "ingest");
const api = describeApi(ingest, true) as {
  paths: { [path: string]: { post?: { responses: { [status: string]: object } } } };
};

test("describeApi() names every code under its status", () => {
  const responses = api.paths["/events"]?.post?.responses ?? {};

  for (const code of CODES) {
    const response = responses[String(ERRORS[code].httpStatus)];
    expect(JSON.stringify(response)).toContain(`\`${code}\``);
  }
});

test("describeApi() names the fields of quotas for the success of every route that takes events", () => {
  const without = Object.entries(api.paths)
    .filter(([, { post }]) => post !== undefined)
    .filter(([, { post }]) => {
      const success = post?.responses["202"] ?? post?.responses["200"];
      const fields = Object.keys((success as { readonly headers?: object }).headers ?? {});
      return fields.toSorted().join() !== "RateLimit,RateLimit-Policy";
    });

  expect(without.map(([path]) => path)).toEqual([]);
});

test("describeApi() has a name for every operation, and a schema for every 2xx", () => {
  const faults = openApiFaults(api);

  expect(faults).toEqual([]);
});

test("describeApi() refers to nothing that it doesn't hold", () => {
  const text = JSON.stringify(api);

  for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    expect(api).toHaveProperty(["components", "schemas", name ?? ""]);
  }
});

test("every code that describeApi() names is expected by a test of this package", async () => {
  const paths = await Array.fromAsync(
    new Glob("**/*.test.ts").scan({ cwd: import.meta.dir, absolute: true }),
  );
  const texts = await Promise.all(paths.map((path) => Bun.file(path).text()));

  expect(CODES.filter((code) => !texts.some((text) => text.includes(`"${code}"`)))).toEqual([]);
});

test("docs/api.md describes every path of describeApi()", async () => {
  const document = await Bun.file(join(import.meta.dir, "..", "docs", "api.md")).text();

  const paths = Object.entries(api.paths).map(([path, { post }]) =>
    post === undefined ? `\`GET ${path}\`` : `\`POST ${path}\``,
  );

  expect(paths.filter((path) => !document.includes(path))).toEqual([]);
});
