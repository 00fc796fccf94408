/** Orders the rows of an answer by their growth. Pure. */
import type { Result } from "../../questions/question.ts";

/** Greatest growth first; what is new comes before, what has no value now at the end. */
export function sortByChange(results: readonly Result[]): readonly Result[] {
  return results.toSorted((a, b) => growthOf(b) - growthOf(a));
}

function growthOf({ metrics, comparison }: Result): number {
  if ((metrics[0] ?? null) === null) return Number.MIN_SAFE_INTEGER;
  return comparison?.change[0] ?? Number.MAX_SAFE_INTEGER;
}
