/** The dead letters of a frame in words: the open ones, and the resolved ones apart. Pure. */
import type { MetricsFrame } from "@tally/shared";
import { OPEN_LETTERS_MAX } from "@tally/shared/frame";
import { formatCount } from "../../panels/format.ts";

export interface LetterWords {
  /** The open ones; all that ever were when an older processor does not tell them apart. */
  readonly open: string;
  /** Null when it is not known. */
  readonly others: string | null;
}

export function wordsOfLetters(letters: MetricsFrame["deadLetters"] | null): LetterWords {
  const { total, open = null } = letters ?? {};
  if (total === undefined) return { open: formatCount(null), others: null };
  if (open === null) return { open: formatCount(total), others: "in all" };
  if (open >= OPEN_LETTERS_MAX) {
    return {
      open: `${formatCount(OPEN_LETTERS_MAX)} or more`,
      others: `${formatCount(total)} in all`,
    };
  }
  const resolved = Math.max(0, total - open);
  return { open: `${formatCount(open)} open`, others: `${formatCount(resolved)} resolved` };
}
