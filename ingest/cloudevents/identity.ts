/**
 * What identifies a CloudEvent, as ids of Tally. Both functions are part of the contract: a change
 * would make two rows of an event that is sent again over an upgrade.
 */
import { SESSION_ID_LENGTH_MAX } from "@tally/shared";

/** Namespace of the UUIDs made here; chosen once, part of the contract. */
const NAMESPACE = "6ff645e0-cdc7-4e8d-bc57-9e9b1dd794a7";

/** What identifies an event among all CloudEvents. */
export interface Identity {
  /** Neither holds a line end, so two identities never have the same text. */
  readonly source: string;
  readonly id: string;
}

/** The event id: a UUIDv5 of source, line feed, id. */
export function eventIdOf({ source, id }: Identity): string {
  return Bun.randomUUIDv5(`${source}\n${id}`, NAMESPACE);
}

/** Room for `~` and a UUID. */
const PREFIX_LENGTH = SESSION_ID_LENGTH_MAX - 37;

/**
 * The session id that a subject or source stands for: the text itself when it is short enough. A
 * longer one, as clouds give to their resources, is its beginning, `~` and a UUIDv5 of the whole.
 */
export function sessionIdOf(text: string): string {
  if (text.length <= SESSION_ID_LENGTH_MAX) return text;
  const characters = [...text];
  if (characters.length <= SESSION_ID_LENGTH_MAX) return text;
  const prefix = characters.slice(0, PREFIX_LENGTH).join("");
  return `${prefix}~${Bun.randomUUIDv5(text, NAMESPACE)}`;
}
