/** The generated parts of the documents match their sources. */
import { expect, test } from "bun:test";

import { OPTIONS } from "../config/sections.ts";
import { GENERATED_PATHS, generateDocuments } from "./doc.ts";
import {
  configTable,
  envExample,
  metricsTable,
  readSection,
  replaceSection,
} from "./doc_tables.ts";
import { METRICS } from "../metrics.ts";

const variables = Object.values(OPTIONS).flatMap((section) =>
  Object.values(section).map(({ env }) => env),
);

test.each(GENERATED_PATHS)(
  'generateDocuments() finds nothing to write in %s (else run "bun run doc")',
  async (path) => {
    const document = (await generateDocuments()).find((each) => each.path === path);

    expect(document?.current).toBe(document?.wanted ?? "the markers are missing");
  },
);

test("configTable() has one row for every option", () => {
  const rows = configTable()
    .split("\n")
    .filter((line) => line.startsWith("| `"));

  expect(rows.map((row) => row.split("`")[1]).toSorted()).toEqual(variables.toSorted());
  expect(rows.every((row) => row.split(" | ").length === 4)).toBe(true);
});

test("metricsTable() has one row for every metric", () => {
  const rows = metricsTable().split("\n").slice(2);

  expect(rows.map((row) => row.split("`")[1])).toEqual(Object.keys(METRICS));
});

test("envExample() has every variable with its default, commented out", () => {
  const lines = envExample().split("\n");

  for (const option of Object.values(OPTIONS).flatMap((section) => Object.values(section))) {
    expect(lines).toContain(`# ${option.env}=${option.default ?? ""}`);
  }
  expect(lines.filter((line) => line !== "" && !line.startsWith("#"))).toEqual([]);
});

test("replaceSection() replaces the text between the markers and keeps the rest", () => {
  const document = "a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n";

  const once = replaceSection(document, "x", "new");

  expect(once).toBe("a\n<!-- x:begin -->\n\nnew\n\n<!-- x:end -->\nb\n");
  expect(replaceSection(once ?? "", "x", "new")).toBe(once);
  expect(replaceSection(document, "y", "new")).toBeNull();
});

test("readSection() returns the text that replaceSection() put between the markers", () => {
  const document = "a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n";

  expect(readSection(document, "x")).toBe("old");
  expect(readSection(replaceSection(document, "x", "new") ?? "", "x")).toBe("new");
  expect(readSection(document, "y")).toBeNull();
});
