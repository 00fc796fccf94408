/**
 * Which colour a value has: the one that it was given first, so that a filter, another order or
 * another view changes no colour. Only values that are shown together must differ.
 */

/** Colours of values; `--series-1` and so on in the styles. */
export const SLOTS = 7;
/** Values whose colour is remembered, of each dimension. // chosen */
const REMEMBERED_MAX = 500;

/** The colours of the names, the most frequent first; at most `SLOTS` of them. Pure. */
export function assignSlots(
  known: ReadonlyMap<string, number>,
  names: readonly string[],
): ReadonlyMap<string, number> {
  const taken = new Set<number>();
  const slots = new Map<string, number>();
  for (const name of names) {
    const slot = known.get(name);
    if (slot === undefined || taken.has(slot)) continue;
    taken.add(slot);
    slots.set(name, slot);
  }
  // A colour that no value has yet is taken first: so others keep theirs when they return.
  const used = new Set(known.values());
  const all = Array.from({ length: SLOTS }, (_, slot) => slot);
  const free = all.toSorted((a, b) => Number(used.has(a)) - Number(used.has(b)) || a - b);
  for (const name of names) {
    if (slots.has(name)) continue;
    const slot = free.find((each) => !taken.has(each)) ?? 0;
    taken.add(slot);
    slots.set(name, slot);
  }
  return slots;
}

const remembered = new Map<string, ReadonlyMap<string, number>>();

/** As `assignSlots`, and keeps the colours of a dimension for as long as the page is open. */
export function slotsOf(dimension: string, names: readonly string[]): ReadonlyMap<string, number> {
  const known = remembered.get(dimension) ?? new Map<string, number>();
  const slots = assignSlots(known, names);
  const all = [...known].filter(([name]) => !slots.has(name));
  remembered.set(dimension, new Map([...all.slice(-REMEMBERED_MAX), ...slots]));
  return slots;
}
