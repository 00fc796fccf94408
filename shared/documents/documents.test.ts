/** The documents are true: what they link to and name exists, and their tables are complete. */
import { describe, expect, test } from "bun:test";
import { dirname, normalize } from "node:path";

import { fileVariableOf } from "../config/secret.ts";
import { OPTIONS } from "../config/sections.ts";
import { ERRORS } from "../error.ts";
import { METRICS } from "../metrics.ts";
import {
  anchorsOf,
  codeSpansOf,
  findRepositoryFiles,
  linksOf,
  readRepositoryFile,
  tableRowsBelow,
} from "../testing/markdown.ts";
import { ROOMS } from "../testing/rooms_table.ts";

const DOCUMENTS = findRepositoryFiles("**/*.md");
const FILES = new Set(findRepositoryFiles("**/*"));
const README_LINES_MAX = 200;

const isThere = (path: string) =>
  FILES.has(path) || [...FILES].some((file) => file.startsWith(path.replace(/\/?$/, "/")));

test("there are documents to read", () => {
  expect(DOCUMENTS).toContain("README.md");
  expect(DOCUMENTS).toContain("docs/guarantees.md");
});

describe.each(DOCUMENTS)("%s", (document) => {
  const text = readRepositoryFile(document);
  const links = linksOf(text)
    .filter(({ target }) => !/^[a-z]+:/.test(target))
    .map(({ label, target }) => {
      const [path = "", anchor = ""] = target.split("#");
      const file = path === "" ? document : normalize(`${dirname(document)}/${path}`);
      return { label, target, file, anchor };
    });

  test("links to files and headings that exist", () => {
    const broken = links.filter(
      ({ file, anchor }) =>
        !isThere(file) || (anchor !== "" && !anchorsOf(readRepositoryFile(file)).includes(anchor)),
    );

    expect(broken.map(({ target }) => target)).toEqual([]);
  });

  test("links names in code to files that hold these names", () => {
    const wrong = links.filter(({ label, file }) => {
      const name = /^`([^`/]+)`$/.exec(label)?.[1];
      return name !== undefined && FILES.has(file) && !holds(file, name);
    });

    expect(wrong.map(({ label, target }) => `${label} in ${target}`)).toEqual([]);
  });
});

// The changelog also names what is no longer there.
test.each(DOCUMENTS.filter((document) => document !== "CHANGELOG.md"))(
  "%s names paths, tasks, options and metrics that exist",
  (document) => {
    const text = readRepositoryFile(document);
    const spans = codeSpansOf(text);
    const wanted = [
      ...spans.filter((span) => PATH.test(span)).filter((path) => !isNamedPath(path)),
      ...matches(text, /\bbun(?:@1\.4\.5)? run ([a-z][a-z-]*)/g).filter((task) => !TASKS.has(task)),
      ...matches(text, OPTION).filter(
        (name) => !VARIABLES.has(name) && !name.startsWith("KAFKA_RDKAFKA_"),
      ),
      ...spans.filter((span) => METRIC.test(span)).filter((name) => !Object.hasOwn(METRICS, name)),
    ];

    expect(wanted).toEqual([]);
  },
);

test("README.md has at most 200 lines up to the end of the numbers", () => {
  const [start = ""] = readRepositoryFile("README.md").split("<!-- numbers:end -->");

  expect(start.split("\n").length).toBeLessThanOrEqual(README_LINES_MAX);
});

test("docs/api.md has one row for every error code, with its status", () => {
  const api = readRepositoryFile("docs/api.md");
  const request = tableRowsBelow(api, "### The request as a whole");
  const event = tableRowsBelow(api, "### One event");
  const operator = tableRowsBelow(api, "### What only an operator sees");

  const rows = [
    ...request.map(([code, status]) => `${code} ${status}`),
    ...event.map(([code]) => `${code} 422`),
    ...operator.map(([code]) => `${code} null`),
  ];

  const wanted = Object.entries(ERRORS).map(
    ([code, { httpStatus }]) => `\`${code}\` ${httpStatus}`,
  );
  expect(rows.toSorted()).toEqual(wanted.toSorted());
});

test("docs/operations.md has one row for every finding of the audit", () => {
  const source = readRepositoryFile("processor/commands/audit/findings.ts");
  const kinds = /KINDS = \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? "";

  const rows = tableRowsBelow(
    readRepositoryFile("docs/operations.md"),
    "## The audit and its findings",
  );

  expect(rows.map(([kind]) => kind)).toEqual(
    matches(kinds, /^ {2}(\w+):/gm).map((kind) => `\`${kind}\``),
  );
});

test("docs/code.md has one row for every room, in their order", () => {
  const rows = tableRowsBelow(readRepositoryFile("docs/code.md"), "## Packages and rooms");

  const rooms = rows.flatMap(([room]) => /^`(\w+\/\w+)\/`$/.exec(room ?? "")?.[1] ?? []);

  expect(rooms.toSorted(byPackage)).toEqual(
    Object.entries(ROOMS)
      .flatMap(([name, { rooms: names }]) => names.map((room) => `${name}/${room}`))
      .toSorted(byPackage),
  );
});

const PACKAGES = "shared|ingest|client|processor|dashboard|bench|stack|docs|\\.ci";
const PATH = new RegExp(`^(?:${PACKAGES})/[\\w./*-]*$`);
const OPTION =
  /(?<![A-Z_])((?:TALLY|KAFKA|INGEST|PROCESSOR|ARCHIVE|STREAM|STACK|DATABASE|DASHBOARD|S3)_[A-Z0-9_]*[A-Z0-9])(?![\w*])/g;
const METRIC = /^(?:ingest|processor)_[a-z_]+$/;
const TASKS: ReadonlySet<string> = new Set(
  Object.keys((JSON.parse(readRepositoryFile("package.json")) as { scripts: object }).scripts),
);
const VARIABLES: ReadonlySet<string> = new Set(
  Object.values(OPTIONS).flatMap((section) =>
    Object.values(section).flatMap(({ env }) => [env, fileVariableOf(env)]),
  ),
);

function isNamedPath(path: string): boolean {
  return path.includes("*") ? findRepositoryFiles(path).length > 0 : isThere(path);
}

/** A name of several words may be broken over lines in a comment of the file. */
function holds(file: string, name: string): boolean {
  return readRepositoryFile(file).replaceAll(/\s+/g, " ").includes(name);
}

/** The first group of every match. */
function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, group = ""]) => group);
}

/** Keeps the order within a package. */
function byPackage(left: string, right: string): number {
  return (left.split("/")[0] ?? "").localeCompare(right.split("/")[0] ?? "");
}
