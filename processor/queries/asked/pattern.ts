/**
 * Regular expressions of `matches`: a subset that RE2, JavaScript and PostgreSQL all know. It is
 * rewritten for PostgreSQL so that it means the same there: `.` is no line feed, and `\d`, `\w` and
 * `\s` are ASCII. Without back-references PostgreSQL matches in time linear in the text. Pure.
 */
import { isText } from "./names.ts";

/** The longest pattern, in characters. */
const PATTERN_LENGTH_MAX = 256;
/** The highest number in `{m,n}`, and the highest product of nested ones. */
const REPEATS_MAX = 100;
const REPEATS_PRODUCT_MAX = 1000; // chosen
const DEPTH_MAX = 10; // chosen

/** What a pattern may hold, for the answer to one that holds something else. */
export const PATTERN_HINT = `Allowed: up to ${PATTERN_LENGTH_MAX} characters of literals, ., [...], ^, $, |, (...), (?:...), *, +, ?, {m,n} up to ${REPEATS_MAX}, \\d \\w \\s \\D \\W \\S, \\n \\r \\t, and \\ before a sign that stands for itself`;

/** The pattern as PostgreSQL reads it, or null when it isn't of the subset. */
export function translatePattern(pattern: string): string | null {
  const { length } = [...pattern];
  if (length === 0 || length > PATTERN_LENGTH_MAX || !isText(pattern)) return null;
  const reader = new PatternReader([...pattern]);
  return reader.readAll();
}

const CLASSES: ReadonlyMap<string, string> = new Map([
  ["d", "0-9"],
  ["w", "A-Za-z0-9_"],
  ["s", " \\t\\n\\r\\f\\v"],
]);
const CONTROLS = "nrtfv";
const SPECIAL = /[\\^$.[\]|()?*+{}-]/;
const SIGN = /[!-/:-@[-`{-~]/;

class PatternReader {
  readonly #signs: readonly string[];
  #at = 0;
  /** Groups that are open. */
  #depth = 0;

  constructor(signs: readonly string[]) {
    this.#signs = signs;
  }

  readAll(): string | null {
    const read = this.#choices();
    return read === null || this.#at < this.#signs.length ? null : read.text;
  }

  #peek(): string {
    return this.#signs[this.#at] ?? "";
  }

  #take(): string {
    const sign = this.#peek();
    this.#at += 1;
    return sign;
  }

  /** Reads branches with | between them, up to a closing bracket or the end. */
  #choices(): Piece | null {
    let [text, repeats] = ["", 1];
    for (;;) {
      const sign = this.#peek();
      if (sign === "" || sign === ")") return { text, repeats };
      if (sign === "|") {
        text += this.#take();
        continue;
      }
      const piece = this.#repeated();
      if (piece === null) return null;
      text += piece.text;
      repeats = Math.max(repeats, piece.repeats);
    }
  }

  #repeated(): Piece | null {
    const isAnchor = "^$".includes(this.#peek());
    const atom = this.#atom();
    if (atom === null) return null;
    const quantifier = this.#quantifier();
    if (quantifier === null || (isAnchor && quantifier.text !== "")) return null;
    const repeats = atom.repeats * quantifier.repeats;
    if (repeats > REPEATS_PRODUCT_MAX) return null;
    return { text: atom.text + quantifier.text, repeats };
  }

  #atom(): Piece | null {
    const sign = this.#take();
    if (sign === "(") return this.#group();
    if (sign === "[") return this.#set();
    if (sign === ".") return once("[^\\n]");
    if (sign === "^" || sign === "$") return once(sign);
    if (sign === "\\") return this.#escape(false);
    return "*+?{}]".includes(sign) ? null : once(literal(sign));
  }

  #group(): Piece | null {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) return null;
    if (this.#peek() === "?") {
      this.#take();
      if (this.#take() !== ":") return null;
    }
    const inner = this.#choices();
    if (inner === null || this.#take() !== ")") return null;
    this.#depth -= 1;
    return { text: `(?:${inner.text})`, repeats: inner.repeats };
  }

  #set(): Piece | null {
    let text = "[";
    if (this.#peek() === "^") text += this.#take();
    const start = text.length;
    for (;;) {
      const sign = this.#take();
      if (sign === "" || sign === "[") return null;
      if (sign === "]") return text.length === start ? null : once(`${text}]`);
      const piece =
        sign === "\\" ? this.#escape(true) : once(inSet(sign, this.#isRange(text, start)));
      if (piece === null) return null;
      text += piece.text;
    }
  }

  /** Whether a - here stands between the two ends of a range. */
  #isRange(text: string, start: number): boolean {
    return text.length > start && this.#peek() !== "]" && this.#peek() !== "\\";
  }

  #escape(isInSet: boolean): Piece | null {
    const sign = this.#take();
    const lower = sign.toLowerCase();
    const members = CLASSES.get(lower);
    if (members !== undefined) {
      if (isInSet) return sign === lower ? once(members) : null;
      return once(sign === lower ? `[${members}]` : `[^${members}]`);
    }
    if (sign !== "" && CONTROLS.includes(sign)) return once(`\\${sign}`);
    return SIGN.test(sign) ? once(`\\${sign}`) : null;
  }

  /** Reads `*`, `+`, `?`, `{m,n}` or nothing; a lazy one matches the same texts. */
  #quantifier(): Piece | null {
    let piece = once("");
    if (this.#peek() !== "" && "*+?".includes(this.#peek())) piece = once(this.#take());
    else if (this.#peek() === "{") {
      const end = this.#signs.indexOf("}", this.#at);
      const bounds = /^\{(\d{1,3})(?:(,)(\d{1,3})?)?\}$/.exec(
        this.#signs.slice(this.#at, end + 1).join(""),
      );
      if (bounds === null) return null;
      const [text, least = "", , most = least] = bounds;
      const [low, high] = [Number(least), Number(most)];
      if (high > REPEATS_MAX || low > high) return null;
      this.#at = end + 1;
      piece = { text, repeats: Math.max(1, high) };
    }
    if (piece.text !== "" && this.#peek() === "?") this.#take();
    return piece;
  }
}

/** A translated part, and how often its content is repeated at most by numbers. */
interface Piece {
  readonly text: string;
  readonly repeats: number;
}

function once(text: string): Piece {
  return { text, repeats: 1 };
}

function literal(sign: string): string {
  return SPECIAL.test(sign) ? `\\${sign}` : sign;
}

function inSet(sign: string, isRange: boolean): string {
  return sign === "-" && isRange ? sign : literal(sign);
}
