/** The keyboard map. */
import { expect, test } from "bun:test";
import { type Command, type Pending, readKey, SEQUENCE_MS_MAX } from "./keyboard.ts";

const PLAIN = { hasModifier: false, isTyping: false };

/** Presses keys, one second's hundredth apart unless told otherwise. */
function press(keys: readonly string[], options: { apartMs?: number; isTyping?: boolean } = {}) {
  let pending: Pending = null;
  const commands: (Command | null)[] = [];
  keys.forEach((key, index) => {
    const atMs = index * (options.apartMs ?? 10);
    const read = readKey({ ...PLAIN, key, atMs, isTyping: options.isTyping ?? false }, pending);
    pending = read.pending;
    commands.push(read.command);
  });
  return commands;
}

test("readKey() leads to a view when its key follows g", () => {
  expect(press(["g", "o"])).toEqual([null, { kind: "view", view: "overview" }]);
  expect(press(["g", "d"]).at(-1)).toEqual({ kind: "view", view: "dead-letters" });
});

test("readKey() forgets g after a while, and after another key", () => {
  expect(press(["g", "o"], { apartMs: SEQUENCE_MS_MAX + 1 }).at(-1)).toBeNull();
  expect(press(["g", "a", "o"]).at(-1)).toBeNull();
  expect(press(["o"])).toEqual([null]);
});

test("readKey() knows the single keys", () => {
  const kinds = press(["/", "?", "Escape"]).map((command) => command?.kind);

  expect(kinds).toEqual(["find", "help", "clear"]);
});

test("readKey() leaves keys alone when the user types, or means the browser", () => {
  expect(press(["g", "o", "/", "?"], { isTyping: true })).toEqual([null, null, null, null]);
  const withModifier = { key: "/", atMs: 0, isTyping: false, hasModifier: true };
  expect(readKey(withModifier, null).command).toBeNull();
});
