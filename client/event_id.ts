/** Makes ids of events, clients and visitors: in the order of time, and never twice by chance. */

/**
 * @param wallMs Time of the event, ms since 1970.
 * @param random Random numbers of 32 bits; three make ids that never meet.
 * @returns Letters, digits and a hyphen, as ingest allows them: `m1x5k2f0-1c8o2vz…`.
 */
export function eventIdOf(wallMs: number, random: Uint32Array): string {
  return `${wallMs.toString(36)}-${[...random].map((number) => number.toString(36)).join("")}`;
}
