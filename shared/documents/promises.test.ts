/** The tables of docs/guarantees.md: every promise has its tests, its faults and its metrics. */
import { describe, expect, test } from "bun:test";

import { METRICS } from "../metrics.ts";
import { hasValueOf } from "../testing/metric_values.ts";
import {
  codeSpansOf,
  findRepositoryFiles,
  linksOf,
  readRepositoryFile,
  tableRowsBelow,
} from "../testing/markdown.ts";

const GUARANTEES = readRepositoryFile("docs/guarantees.md");
const PROMISES = 14;
const INVARIANTS = 12;

const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
const isTest = (path: string) => /\.test\.tsx?$|\/testing\//.test(path);

const faults = findRepositoryFiles("bench/verify/faults/**/*.ts")
  .map(readRepositoryFile)
  .flatMap((text) => [...text.matchAll(/^ {2}name: "([a-z0-9-]+)",$/gm)])
  .map(([, name = ""]) => name);

describe("the promises", () => {
  const rows = tableRowsBelow(GUARANTEES, "## The promises");

  test("have a row each, in docs/guarantees.md and in README.md", () => {
    const readme = tableRowsBelow(readRepositoryFile("README.md"), "## What is promised");

    expect(rows.map(([promise]) => promise)).toEqual(numbered("P", PROMISES));
    expect(readme.map(([promise]) => promise)).toEqual(numbered("P", PROMISES));
  });

  test.each(rows.map((row) => [row[0] ?? "", row] as const))(
    "%s names tests that exist, and faults that verify knows",
    (_, [, , , tests = "", named = ""]) => {
      const targets = linksOf(tests).map(({ target }) => target);

      expect(targets.length).toBeGreaterThan(0);
      expect(targets.filter((path) => !isTest(path))).toEqual([]);
      expect(codeSpansOf(named).filter((name) => !["verify", ...faults].includes(name))).toEqual(
        [],
      );
    },
  );
});

describe("the metrics of the promises", () => {
  const rows = tableRowsBelow(GUARANTEES, "## Metrics of the promises");

  test("have a row for each promise but P14, which is the table", () => {
    const promises = rows.map(([promise = ""]) => promise.split(" ")[0]);

    expect(promises).toEqual(numbered("P", PROMISES - 1));
  });

  test.each(rows.map((row) => [row[0]?.split(" ")[0] ?? "", row] as const))(
    "%s names metrics that exist, and for each a test that expects a value of it",
    (_, [, metrics = "", tests = ""]) => {
      const names = codeSpansOf(metrics);
      const texts = linksOf(tests).map(({ target }) => readRepositoryFile(`docs/${target}`));

      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !Object.hasOwn(METRICS, name))).toEqual([]);
      expect(names.filter((name) => !texts.some((text) => hasValueOf(text, name)))).toEqual([]);
    },
  );
});

describe("verify", () => {
  test("has every invariant in docs/guarantees.md", () => {
    const rows = tableRowsBelow(GUARANTEES, "### What it judges");

    expect(rows.map(([invariant]) => invariant)).toEqual(numbered("I", INVARIANTS));
  });

  test("has every fault in docs/guarantees.md", () => {
    const rows = tableRowsBelow(GUARANTEES, "### What it breaks");

    expect(rows.map(([name = ""]) => name.replaceAll("`", "")).toSorted()).toEqual(
      faults.toSorted(),
    );
  });
});
