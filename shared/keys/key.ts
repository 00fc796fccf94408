/**
 * The text of a key: how it is made, what it looks like, and the hash that is stored in its place.
 * Pure.
 */

const PREFIX = "tally_";
const RANDOM_BYTES = 32;
/** 32 bytes as base64url without padding. */
const KEY = /^tally_[A-Za-z0-9_-]{43}$/;
/** Up to here a key is stored and shown, to tell keys apart. Five characters are 30 of 256 bits. */
const SHOWN_LENGTH = PREFIX.length + 5; // chosen

/** Makes a new key. @param random Makes that many random bytes. */
export function newKey(random: (bytes: number) => Uint8Array = randomBytes): string {
  return `${PREFIX}${random(RANDOM_BYTES).toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** Whether the text can be a key. Says nothing about whether there is such a key. */
export function isWellFormedKey(text: string): boolean {
  return KEY.test(text);
}

/** SHA-256 of a key in hexadecimal: what is stored. A key is random, so it needs no salt. */
export function hashKey(text: string): string {
  return Bun.CryptoHasher.hash("sha256", text, "hex");
}

/** The beginning of a key, by which a person finds it in a list. */
export function prefixOfKey(text: string): string {
  return text.slice(0, SHOWN_LENGTH);
}

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}
