import { expect, test } from "bun:test";

import { FAULTS } from "./faults/mod.ts";
import { parseVerifyArguments } from "./options.ts";

const parse = (...words: string[]) =>
  parseVerifyArguments(words, { faults: FAULTS, newSeed: () => 5 });

test("parseVerifyArguments() takes all faults, the short selection, or those that are named", () => {
  const all = parse();
  const short = parse("--short");
  const named = parse("poison", "broker-killed", "--seed", "42", "--minutes", "3");

  expect(all).toMatchObject({ value: { faults: FAULTS, seed: 5, minutesMax: null } });
  expect(short).toMatchObject({ value: { faults: FAULTS.filter(({ isShort }) => isShort) } });
  expect(named).toMatchObject({
    value: { faults: [{ name: "broker-killed" }, { name: "poison" }], seed: 42, minutesMax: 3 },
  });
});

test.each([
  ["an unknown fault", ["nonsense"], 'There is no fault "nonsense"'],
  ["a seed that is no number", ["--seed", "x"], "a whole number from 1 to 2147483648"],
  ["no time at all", ["--minutes", "0"], "a whole number from 1 to 1440"],
  ["an unknown option", ["--nonsense"], "nonsense"],
])("parseVerifyArguments() reports what is wrong with %s", (_, words, problem) => {
  const parsed = parse(...words);

  expect(parsed).toEqual({ kind: "problem", text: expect.stringContaining(problem) });
});

test("parseVerifyArguments() lists every fault in the help, and with --list", () => {
  for (const option of ["--help", "--list"]) {
    const parsed = parse(option);

    for (const { name } of FAULTS) {
      expect(parsed).toEqual({ kind: "text", text: expect.stringContaining(`  ${name} `) });
    }
  }
});
