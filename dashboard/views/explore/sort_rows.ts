/** Orders the rows of an answer by one of its columns. Pure. */
import { showScalar } from "../../panels/show_text.ts";
import type { Result } from "../../questions/question.ts";
import type { SortColumn } from "./asked.ts";

export interface RowOrder {
  readonly column: SortColumn;
  /** Names begin with A and times with the newest, numbers with the greatest; or turned around. */
  readonly isReversed: boolean;
  /** Whether the rows are times, which the answer has in their order. */
  readonly isByTime: boolean;
}

/** Rows without a value in the column stay at the end; equal rows keep their order. */
export function sortRows(results: readonly Result[], order: RowOrder): readonly Result[] {
  const { column, isReversed, isByTime } = order;
  if (column === "name") {
    const names = isByTime ? results.toReversed() : results.toSorted(compareNames);
    return isReversed ? names.toReversed() : names;
  }
  const sign = isReversed ? -1 : 1;
  return results.toSorted((a, b) => {
    const [one, other] = [valueOf(a, column), valueOf(b, column)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    // Two infinite values have no difference.
    return one === other ? 0 : sign * (other > one ? 1 : -1);
  });
}

/** What is new grew more than all others. */
function valueOf({ metrics, comparison }: Result, column: "value" | "before" | "change") {
  const value = metrics[0] ?? null;
  if (column === "value") return value;
  if (column === "before") return comparison?.metrics[0] ?? null;
  return value === null ? null : (comparison?.change[0] ?? Number.POSITIVE_INFINITY);
}

const collator = new Intl.Collator("en", { numeric: true });

function compareNames(a: Result, b: Result): number {
  return collator.compare(nameOf(a), nameOf(b));
}

function nameOf({ dimensions }: Result): string {
  return showScalar(dimensions[0] ?? null);
}
