/** The dead letters of a frame in words: the open ones, the others, and the new ones. Pure. */
import type { MetricsFrame } from "@tally/shared";
import { NEW_LETTERS_MAX, OPEN_LETTERS_MAX } from "@tally/shared/frame";
import { formatCount } from "../../panels/format.ts";

export interface LetterWords {
  /** The open ones; all that ever were when an older processor does not tell them apart. */
  readonly open: string;
  /** Null when it is not known. */
  readonly others: string | null;
  /** Null when it is not known. */
  readonly news: string | null;
  /** Whether letters are new and some are open. */
  readonly isNotice: boolean;
}

export function wordsOfLetters(letters: MetricsFrame["deadLetters"] | null): LetterWords {
  const { total, open = null, recent = null } = letters ?? {};
  const isNotice = open !== 0 && (recent ?? 0) > 0;
  return { ...countsOf({ total, open }), news: newsOf(recent), isNotice };
}

function countsOf({
  total,
  open,
}: {
  readonly total: number | undefined;
  readonly open: number | null;
}): Pick<LetterWords, "open" | "others"> {
  if (total === undefined) return { open: formatCount(null), others: null };
  if (open === null) return { open: formatCount(total), others: "in all" };
  if (open >= OPEN_LETTERS_MAX) {
    return {
      open: `${formatCount(OPEN_LETTERS_MAX)} or more`,
      others: `${formatCount(total)} in all`,
    };
  }
  return { open: `${formatCount(open)} open`, others: doneWords(total - open) };
}

/** Those with nothing left to do: their event is a row, or a newer letter has replaced them. */
export function doneWords(count: number): string {
  return `${count <= 0 ? "none" : formatCount(count)} resolved or replaced`;
}

function newsOf(recent: number | null): string | null {
  if (recent === null) return null;
  if (recent >= NEW_LETTERS_MAX) return `${formatCount(recent)} or more new in half an hour`;
  return `${recent === 0 ? "none" : formatCount(recent)} new in half an hour`;
}
