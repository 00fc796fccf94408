import { expect, test } from "bun:test";
import { ClientQueue } from "./client_queue.ts";

test.each([
  ["nothing was taken", [], false],
  ["less was taken than the queue can hold", [[10, 100]], false],
  [
    "more was taken than the queue can hold",
    [
      [10, 60],
      [10, 41],
    ],
    true,
  ],
  ["the queue was empty", [[0, 0]], true],
] as const)("hasPassed() is right when %s", (_, taken, hasPassed) => {
  const queue = new ClientQueue(100);
  queue.noteTaken(0, 0);
  queue.noteTaken(5, 500);
  const mark = queue.mark();

  for (const [records, bytes] of taken) queue.noteTaken(records, bytes);

  expect(queue.hasPassed(mark)).toBe(hasPassed);
});
