/** The parameters of the address that only one view knows. Pure. */

/** New values by name; null takes a parameter away. */
export type OwnChanges = Readonly<Record<string, string | null>>;

export function changeOwn(
  own: Readonly<Record<string, string>>,
  changes: OwnChanges,
): Record<string, string> {
  const entries = Object.entries({ ...own, ...changes });
  // An empty parameter says nothing.
  const kept = entries.filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(kept);
}
