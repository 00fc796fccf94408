import { spyOn, test, expect } from "bun:test";
import { totalmem } from "node:os";

import { readMemory } from "./memory.ts";

test.each([
  { limit: 1024 ** 3, memory: 1024 ** 3, when: "the container has a limit" },
  { limit: 0, memory: totalmem(), when: "the limit is not known" },
  { limit: Number(2n ** 64n), memory: totalmem(), when: "there is no limit" },
])("readMemory() is $memory when $when", ({ limit, memory }) => {
  const spy = spyOn(process, "constrainedMemory").mockReturnValue(limit);

  const found = readMemory();

  spy.mockRestore();
  expect(found).toBe(memory);
});
