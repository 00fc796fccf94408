/**
 * The order of the rooms: a file imports its own room and those before it, and
 * product code imports nothing that only tests use. Circles of files are found by
 * the linter (import/no-cycle).
 */
import { expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";

import { ROOM_EXCEPTIONS, ROOMS, TEST_PROGRAMS } from "./testing/rooms_table.ts";
import { importsOf, isTest, readSources, ROOT } from "./testing/sources.ts";

const FOLDER_FILES_MAX = 20;

const sources = await readSources(/\.tsx?$/);
const paths = new Set(sources.map(({ path }) => path));
const product = sources.filter(({ path }) => !isTest(path));

/** The room of a file: the folder below its package; null at the top of the package. */
function roomOf(path: string): string | null {
  const parts = path.split("/");
  return parts.length > 2 ? (parts[1] ?? null) : null;
}

/** Place in the order of the package; a room that the table lacks has -1. */
function placeOf(path: string): number {
  const entry = ROOMS[path.split("/")[0] ?? ""];
  const room = roomOf(path);
  if (entry === undefined) return -1;
  if (room !== null) return entry.rooms.indexOf(room);
  const isFirst = entry.isTopFirst && entry.importsAll?.[path] === undefined;
  return isFirst ? -1 : entry.rooms.length;
}

/** Imports of product code within its package, as paths. */
const imports = product.flatMap((source) =>
  importsOf(source).flatMap(({ name, line }) => {
    const to = normalize(join(dirname(source.path), name));
    return name.startsWith(".") && paths.has(to) ? [{ from: source.path, to, line }] : [];
  }),
);
const violations = imports
  .filter(({ from, to }) => !isTest(to) && placeOf(to) > placeOf(from))
  .map(({ from, to }) => `${from} imports ${to}`);

test("every folder of a package is a room of the table, and every room is a folder", () => {
  const found = new Set<string>();
  for (const { path } of product) {
    if (roomOf(path) !== null) found.add(path.split("/").slice(0, 2).join("/"));
  }
  const listed = Object.entries(ROOMS).flatMap(([name, { rooms }]) =>
    rooms.map((room) => `${name}/${room}`),
  );

  expect([...found].toSorted()).toEqual(listed.toSorted());
});

test("a room imports itself and the rooms before it", () => {
  const unlisted = violations.filter((violation) => ROOM_EXCEPTIONS[violation] === undefined);

  expect(unlisted).toEqual([]);
});

test("every exception from the order of rooms is needed", () => {
  const unneeded = Object.keys(ROOM_EXCEPTIONS).filter((each) => !violations.includes(each));

  expect(unneeded).toEqual([]);
});

test("the files that import all rooms, and the programs of tests, are there", () => {
  const listed = Object.values(ROOMS).flatMap(({ importsAll }) => Object.keys(importsAll ?? {}));
  listed.push(...Object.keys(TEST_PROGRAMS));

  expect(listed.filter((path) => !paths.has(path))).toEqual([]);
});

test("product code imports nothing that only tests use", () => {
  const wrong = imports.filter(({ from, to }) => isTest(to) && TEST_PROGRAMS[from] === undefined);

  expect(wrong.map(({ from, to, line }) => `${from}:${line} imports ${to}`)).toEqual([]);
});

test("a folder has at most 20 files of product code", () => {
  const counts = new Map<string, number>();
  for (const { path } of product) {
    const folder = dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const full = [...counts].filter(([, files]) => files > FOLDER_FILES_MAX);

  expect(full.map(([folder, files]) => `${folder} has ${files} files`)).toEqual([]);
});

test("every export of the processor is used by another package", async () => {
  const manifest = (await Bun.file(join(ROOT, "processor/package.json")).json()) as {
    exports: Record<string, string>;
  };
  const used = new Set(
    sources
      .filter(({ path }) => !path.startsWith("processor/"))
      .flatMap((source) => importsOf(source).map(({ name }) => name)),
  );

  const unused = Object.keys(manifest.exports).filter(
    (name) => !used.has(`@tally/processor${name.slice(1)}`),
  );

  expect(unused).toEqual([]);
});
