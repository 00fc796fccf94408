import { expect, test } from "bun:test";

import { FAMILIES } from "./families/families.ts";
import { GROWTH } from "./families/growth.ts";
import { parseBenchArguments } from "./options.ts";

const CHOICE = { families: FAMILIES, growth: GROWTH };

function optionsOf(...words: string[]) {
  const parsed = parseBenchArguments(words, CHOICE);
  if (parsed.kind !== "run") throw new Error(JSON.stringify(parsed));
  return parsed.value;
}

const namesOf = (...words: string[]) => {
  const options = optionsOf(...words);
  return options.command === "run" ? options.families.map(({ name }) => name) : [];
};

test("parseBenchArguments() runs everything but growth without names", () => {
  expect(optionsOf()).toMatchObject({
    command: "run",
    families: FAMILIES,
    isMicro: true,
    size: "full",
    rounds: 3,
    mode: "full",
    jsonPath: null,
  });
});

test("parseBenchArguments() adds the families whose figures are the limits of the named ones", () => {
  expect(namesOf("batches")).toEqual(["drain", "batches"]);
  expect(namesOf("viewers")).toEqual(["viewers"]);
  expect(namesOf("micro")).toEqual([]);
  expect(optionsOf("viewers", "--quick")).toMatchObject({
    isMicro: false,
    size: "quick",
    rounds: 1,
    mode: "part",
  });
});

test("parseBenchArguments() runs the curves once, and quotes them only when they are whole", () => {
  expect(namesOf("growth")).toEqual(GROWTH.map(({ name }) => name));
  expect(optionsOf("growth")).toMatchObject({ rounds: 1, mode: "growth", isMicro: false });
  expect(optionsOf("growth", "--quick")).toMatchObject({ mode: "part" });
  expect(optionsOf("growth-rows")).toMatchObject({ mode: "part" });
});

test("parseBenchArguments() takes two results to compare", () => {
  expect(optionsOf("compare", "a.json", "b.json")).toEqual({
    command: "compare",
    before: "a.json",
    after: "b.json",
  });
});

test.each([
  [["nonsense"], 'There is no benchmark "nonsense"'],
  [["compare", "a.json"], "Missing required argument 'after'"],
  [["compare", "a.json", "b.json", "c.json"], "Too many arguments for 'compare'"],
  [["--fast"], "--fast"],
])("parseBenchArguments() reports what is wrong with %p", (words, problem) => {
  const parsed = parseBenchArguments(words, CHOICE);

  expect(parsed).toEqual({ kind: "problem", text: expect.stringContaining(problem) });
  expect(parsed).toMatchObject({ text: expect.stringContaining('"bun run bench --help"') });
});

test("parseBenchArguments() has a help that names every family", () => {
  const parsed = parseBenchArguments(["--help"], CHOICE);

  for (const { name } of [...FAMILIES, ...GROWTH]) {
    expect(parsed).toEqual({ kind: "text", text: expect.stringContaining(`  ${name} `) });
  }
});

test("every figure has a name of its own, and its limit is one of them", () => {
  const figures = [...FAMILIES, ...GROWTH].flatMap((family) => family.figures);
  const names = figures.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
  for (const { limit } of figures) if (limit !== null) expect(names).toContain(limit.figure);
});
