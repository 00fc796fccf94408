/** Open and resolved dead letters, told apart. */
import { expect, test } from "bun:test";
import { OPEN_LETTERS_MAX } from "@tally/shared/frame";
import { wordsOfLetters } from "./letter_counts.ts";

const letters = (total: number, open?: number | null) => ({
  total,
  byCode: {},
  ...(open === undefined ? {} : { open }),
});

test("wordsOfLetters() counts the open ones, and the resolved ones apart", () => {
  expect(wordsOfLetters(letters(12, 5))).toEqual({ open: "5 open", others: "7 resolved" });
  // Letters of a log before this one are open as well, and not in its total.
  expect(wordsOfLetters(letters(2, 5))).toEqual({ open: "5 open", others: "0 resolved" });
  expect(wordsOfLetters(letters(70_000, OPEN_LETTERS_MAX))).toEqual({
    open: "10,000 or more",
    others: "70,000 in all",
  });
});

test("wordsOfLetters() has the total where a processor does not say which are open", () => {
  expect(wordsOfLetters(letters(12))).toEqual({ open: "12", others: "in all" });
  expect(wordsOfLetters(letters(12, null))).toEqual({ open: "12", others: "in all" });
  expect(wordsOfLetters(null)).toEqual({ open: "–", others: null });
});
