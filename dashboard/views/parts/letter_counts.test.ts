/** Open, new and other dead letters, told apart. */
import { expect, test } from "bun:test";
import { OPEN_LETTERS_MAX } from "@tally/shared/frame";
import { wordsOfLetters } from "./letter_counts.ts";

const letters = (total: number, open?: number | null, recent?: number) => ({
  total,
  byCode: {},
  ...(open === undefined ? {} : { open }),
  ...(recent === undefined ? {} : { recent }),
});

test("wordsOfLetters() counts the open ones, and those with nothing left to do apart", () => {
  const twelve = { open: "5 open", others: "7 resolved or replaced" };
  expect(wordsOfLetters(letters(12, 5))).toMatchObject(twelve);
  // Letters of a log before this one are open as well, and not in its total.
  const older = { open: "5 open", others: "none resolved or replaced" };
  expect(wordsOfLetters(letters(2, 5))).toMatchObject(older);
  expect(wordsOfLetters(letters(70_000, OPEN_LETTERS_MAX))).toMatchObject({
    open: "10,000 or more",
    others: "70,000 in all",
  });
});

test("wordsOfLetters() has the total where a processor does not say which are open", () => {
  const unknown = { news: null, isNotice: false };
  expect(wordsOfLetters(letters(12))).toEqual({ open: "12", others: "in all", ...unknown });
  expect(wordsOfLetters(letters(12, null))).toEqual({ open: "12", others: "in all", ...unknown });
  expect(wordsOfLetters(null)).toEqual({ open: "–", others: null, ...unknown });
});

test("wordsOfLetters() says how many are new as the frame says it, also after a restart", () => {
  const shown = (open: number, recent: number) => {
    const { news, isNotice } = wordsOfLetters(letters(12, open, recent));
    return { news, isNotice };
  };

  expect(shown(2, 0)).toEqual({ news: "none new in half an hour", isNotice: false });
  expect(shown(2, 2)).toEqual({ news: "2 new in half an hour", isNotice: true });
  expect(shown(0, 2)).toEqual({ news: "2 new in half an hour", isNotice: false });
  expect(shown(12, 1000).news).toBe("1,000 or more new in half an hour");
});
