import { expect, test } from "bun:test";
import { LostAnswers } from "./lost_answers.ts";

test("has() holds for the ends of writes that are not counted, in their partition alone", () => {
  const lost = new LostAnswers();
  lost.note(1, 5n);
  lost.note(1, 9n);

  expect([lost.has(1, 5n), lost.has(1, 9n), lost.has(1, 7n)]).toEqual([true, true, false]);
  expect([lost.has(2, 9n), lost.hasBefore(2, 99n)]).toEqual([false, false]);
  expect([lost.hasBefore(1, 5n), lost.hasBefore(1, 6n)]).toEqual([false, true]);
  lost.forget(1);
  expect([lost.has(1, 9n), lost.hasBefore(1, 99n)]).toEqual([false, false]);
});
