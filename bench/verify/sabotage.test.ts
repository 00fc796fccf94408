import { expect, test } from "bun:test";
import { FAULTS } from "./faults/mod.ts";
import { applies, SABOTAGES } from "./sabotage.ts";

test.each(SABOTAGES)("the patch $name fits the code, and its fault is there", async (sabotage) => {
  expect(await applies(sabotage)).toBeTrue();
  expect(FAULTS.some(({ name }) => name === sabotage.fault)).toBeTrue();
});
