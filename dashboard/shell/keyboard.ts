/** The keyboard map: which keys do what. Pure; the shell listens and acts. */
import type { ViewName } from "../address/page_state.ts";

/** What keys ask for. */
export type Command =
  | { readonly kind: "view"; readonly view: ViewName }
  /** To the box that takes an event id. */
  | { readonly kind: "find" }
  | { readonly kind: "help" }
  | { readonly kind: "clear" };

/** A key that is pressed after `g`, and the view it leads to. */
export const VIEW_KEYS: { readonly [key: string]: ViewName } = {
  o: "overview",
  x: "explore",
  e: "events",
  p: "pipeline",
  d: "dead-letters",
  s: "send",
};

/** The second key must follow within this time, ms. // chosen */
export const SEQUENCE_MS_MAX = 1500;

export interface KeyPress {
  readonly key: string;
  readonly atMs: number;
  /** Ctrl, Alt or Meta: the browser's own shortcuts. */
  readonly hasModifier: boolean;
  /** Whether the focus is where keys are typed. */
  readonly isTyping: boolean;
}

/** The last `g`, or null. */
export type Pending = { readonly atMs: number } | null;

/** @returns What the key asks for, and the sequence that it begins. */
export function readKey(
  press: KeyPress,
  pending: Pending,
): { readonly command: Command | null; readonly pending: Pending } {
  const { key, atMs } = press;
  if (press.hasModifier || press.isTyping) return { command: null, pending: null };
  const view = VIEW_KEYS[key];
  if (pending !== null && atMs - pending.atMs <= SEQUENCE_MS_MAX && view !== undefined) {
    return { command: { kind: "view", view }, pending: null };
  }
  return { command: SINGLE[key] ?? null, pending: key === "g" ? { atMs } : null };
}

const SINGLE: { readonly [key: string]: Command } = {
  "/": { kind: "find" },
  "?": { kind: "help" },
  Escape: { kind: "clear" },
};
