/** Letters that were sent again are followed to their end, and the ones that failed are named. */
import { expect, test } from "bun:test";
import type { Asker, Outcome, Request } from "../../questions/ask.ts";
import { endWords, followResent } from "./follow_resent.ts";

const NEVER = new AbortController().signal;

function arrange(pages: readonly object[]) {
  const asked: string[] = [];
  const asker: Asker = {
    ask: async <T>({ path }: Request) => {
      asked.push(path);
      const answer = pages[asked.length - 1];
      const outcome = answer === undefined ? { kind: "unreachable" } : { kind: "answered", answer };
      return outcome as Outcome<T>;
    },
    askText: () => Promise.reject(new Error("not used")),
  };
  return { asked, asker };
}

const letter = (id: string, state: string, supersededBy: string | null = null) => ({
  id,
  state,
  supersededBy,
});

test("followResent() counts what became of the letters, and leaves out all others", async () => {
  const deadLetters = [
    letter("12", "open"),
    letter("10", "open"),
    letter("7", "superseded", "10"),
    letter("6", "superseded", "9"),
  ];
  const rest = [letter("5", "resolved"), letter("4", "resent"), letter("3", "resolved")];
  const { asked, asker } = arrange([
    { deadLetters, next: "cursor" },
    { deadLetters: rest, next: "more" },
  ]);

  const ids = ["4", "5", "6", "7"];
  const followed = await followResent(asker, { code: "c", ids, signal: NEVER });

  expect(followed).toEqual({ rows: 1, again: ["9", "10"], lost: 0, onTheirWay: 1 });
  expect(asked).toEqual([
    "dead-letters?code=c&limit=1000",
    "dead-letters?code=c&limit=1000&after=cursor",
  ]);
});

test("followResent() knows nothing when the processor gives no answer", async () => {
  const { asker } = arrange([]);

  expect(await followResent(asker, { code: "c", ids: ["1"], signal: NEVER })).toBeNull();
});

test("endWords() says what became of all, and names the new dead letters", () => {
  const none = { rows: 0, again: [], lost: 0, onTheirWay: 0 };

  expect(endWords({ ...none, again: ["4", "5"] }, 2)).toBe("2 became dead letters again: 4, 5.");
  expect(endWords({ ...none, rows: 3 }, 3)).toBe("All are resolved.");
  expect(endWords({ ...none, rows: 1, again: ["9"], onTheirWay: 2 }, 4)).toBe(
    "1 is resolved; 1 became a dead letter again: 9; 2 are on the way.",
  );
  expect(endWords({ ...none, rows: 2, lost: 1 }, 5000)).toStartWith("Of 3 of them: 2 are resolved");
  const many = Array.from({ length: 12 }, (_, n) => String(n + 1));
  expect(endWords({ ...none, again: many }, 12)).toEndWith("8, 9, 10 and 2 more.");
});
