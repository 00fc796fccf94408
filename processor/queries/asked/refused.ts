/** How the readers of a query say no: a problem that names the field and what is allowed there. */
import type { ErrorCode, Problem } from "@tally/shared";

/** A query that can't be answered, and why. */
export interface Refused {
  readonly kind: "refused";
  readonly problem: Problem;
}

/** @param detail What is allowed; it never holds what was sent. */
export function refused(code: ErrorCode, pointer: string, detail: string): Refused {
  return { kind: "refused", problem: { code, pointer, detail } };
}

export function isRefused(value: object | string | number | null): value is Refused {
  return typeof value === "object" && value !== null && "problem" in value;
}

/** Reads each item of a list; the first one that is refused ends it. */
export function readEach<Item, T extends object | string>(
  items: readonly Item[],
  read: (item: Item, index: number) => T | Refused,
): readonly T[] | Refused {
  const values: T[] = [];
  for (const [index, item] of items.entries()) {
    const value = read(item, index);
    if (isRefused(value)) return value;
    values.push(value);
  }
  return values;
}
