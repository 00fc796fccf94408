import { expect, test } from "bun:test";

import { FAMILIES } from "./families.ts";
import { parseBenchArguments } from "./options.ts";

function optionsOf(...words: string[]) {
  const parsed = parseBenchArguments(words, FAMILIES);
  if (!("options" in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.options;
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
    isGrowth: false,
    isQuick: false,
    isPart: false,
    jsonPath: null,
  });
});

test("parseBenchArguments() adds the families whose figures are the limits of the named ones", () => {
  expect(namesOf("batches")).toEqual(["drain", "batches"]);
  expect(namesOf("viewers")).toEqual(["viewers"]);
  expect(namesOf("micro")).toEqual([]);
  expect(optionsOf("viewers", "--quick")).toMatchObject({ isMicro: false, isQuick: true });
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
  [["compare", "a.json"], "compare needs two results"],
  [["--fast"], "--fast"],
])("parseBenchArguments() says what is wrong with %p", (words, problem) => {
  expect(JSON.stringify(parseBenchArguments(words, FAMILIES)).replaceAll("\\", "")).toContain(
    problem,
  );
});

test("parseBenchArguments() has a help that names every family", () => {
  const parsed = parseBenchArguments(["--help"], FAMILIES);

  const help = "help" in parsed ? parsed.help : "";
  for (const { name } of FAMILIES) expect(help).toContain(`  ${name} `);
});

test("every figure has a name of its own, and its limit is one of them", () => {
  const figures = FAMILIES.flatMap((family) => family.figures);
  const names = figures.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
  for (const { limit } of figures) if (limit !== null) expect(names).toContain(limit.figure);
});
