/**
 * UUIDs that are functions of a run and a number, so that an event that is found can be identified.
 * Clients make them in two forms, which cost PostgreSQL's index differently. Pure.
 */

/** v7: in the order of time. v4: at random. */
export type UuidForm = "v7" | "v4";

/** 2026-01-01: the time in the first v7 id of every run, ms. */
const FIRST_MS = Date.UTC(2026, 0, 1);
/** As fast as batches are accepted: the next ids have the next millisecond. */
const IDS_PER_MS = 100;

/** The id of an event; `number` is below 2^32. */
export function uuidOf(form: UuidForm, run: string, number: number): string {
  const noise = hex(run, number, 0) + hex(run, number, 1);
  const variant = "89ab"[number % 4];
  if (form === "v4") {
    const scattered = scatter(number).toString(16).padStart(8, "0");
    return `${scattered}-${noise.slice(0, 4)}-4${noise.slice(4, 7)}-${variant}${noise.slice(7, 10)}-${noise.slice(10, 22)}`;
  }
  const time = (FIRST_MS + Math.floor(number / IDS_PER_MS)).toString(16).padStart(12, "0");
  const counter = (number % IDS_PER_MS).toString(16).padStart(3, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${variant}${noise.slice(0, 3)}-${noise.slice(3, 15)}`;
}

/** The number of an event, or -1 when its id is not of this form and run. */
export function uuidNumber(form: UuidForm, run: string, id: string): number {
  const digits = id.replaceAll("-", "");
  const number =
    form === "v4"
      ? gather(Number.parseInt(digits.slice(0, 8), 16))
      : (Number.parseInt(digits.slice(0, 12), 16) - FIRST_MS) * IDS_PER_MS +
        Number.parseInt(digits.slice(13, 16), 16);
  const isNumber = number >= 0 && number < 2 ** 32;
  return isNumber && uuidOf(form, run, number) === id ? number : -1;
}

/** 64 bits that look random. */
function hex(run: string, number: number, seed: number): string {
  return Bun.hash(`${run}-${number}`, seed).toString(16).padStart(16, "0");
}

/** Spreads the numbers over 32 bits, each to a place of its own (the last step of MurmurHash3). */
function scatter(number: number): number {
  let bits = number ^ (number >>> 16);
  bits = Math.imul(bits, 0x85eb_ca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The number that `scatter` has put there: its steps backwards, with the inverse factors. */
function gather(place: number): number {
  let bits = place ^ (place >>> 16);
  bits = Math.imul(bits, 0x7ed1_b41d);
  bits ^= (bits >>> 13) ^ (bits >>> 26);
  bits = Math.imul(bits, 0xa5cb_9243);
  return (bits ^ (bits >>> 16)) >>> 0;
}
