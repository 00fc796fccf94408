import { expect, test } from "bun:test";
import { FAULTS } from "./faults/mod.ts";
import { parseVerifyArguments } from "./options.ts";

const parse = (...words: string[]) =>
  parseVerifyArguments(words, { faults: FAULTS, newSeed: () => 5 });

test("parseVerifyArguments() takes all faults, the short selection, or those that are named", () => {
  const all = parse();
  const short = parse("--short");
  const named = parse("poison", "broker-killed", "--seed", "42", "--minutes", "3");

  expect(all).toMatchObject({ options: { faults: FAULTS, seed: 5, minutesMax: null } });
  expect("options" in short && short.options.faults.every(({ isShort }) => isShort)).toBeTrue();
  expect(named).toMatchObject({
    options: { faults: [{ name: "broker-killed" }, { name: "poison" }], seed: 42, minutesMax: 3 },
  });
});

test.each([
  ["an unknown fault", ["nonsense"], 'There is no fault "nonsense"'],
  ["a seed that is none", ["--seed", "x"], "--seed must be a whole number"],
  ["no time at all", ["--minutes", "0"], "--minutes must be a whole number"],
  ["an unknown option", ["--nonsense"], "nonsense"],
])("parseVerifyArguments() says what is wrong with %s", (_, words, problem) => {
  expect((parse(...words) as { problem: string }).problem).toContain(problem);
});

test("parseVerifyArguments() lists every fault in the help", () => {
  const help = (parse("--help") as { help: string }).help;

  for (const { name } of FAULTS) expect(help).toContain(name);
});
