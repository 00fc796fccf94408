/** Reads every source of the repository for the tests that check its rules. */
import { Glob } from "bun";
import { join } from "node:path";

/** Root of the repository. */
export const ROOT = join(import.meta.dir, "../..");

/** One source file. */
export interface Source {
  /** Path from the root of the repository. */
  readonly path: string;
  readonly lines: readonly string[];
  /** The lines without comments and without the text of quotes. */
  readonly code: readonly string[];
  /** The comments of the lines. */
  readonly comments: readonly string[];
}

// The types of both interfaces are made by a program.
const NOT_OURS = /(^|\/)(node_modules|dist|\.data|\.git)\/|_api\.d\.ts$/;

/** Reads the files whose path matches, sorted by path. */
export async function readSources(name: RegExp): Promise<Source[]> {
  const found: Source[] = [];
  for await (const path of new Glob("**/*").scan({ cwd: ROOT, dot: true })) {
    if (NOT_OURS.test(path) || !name.test(path)) continue;
    const text = await Bun.file(join(ROOT, path)).text();
    found.push({
      path,
      lines: text.split("\n"),
      code: codeOf(text).split("\n"),
      comments: commentsOf(text).split("\n"),
    });
  }
  return found.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

/** Whether only tests use the file. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$|\/testing\//.test(path);
}

/** Whether the path is an entry, or lies in a folder that is one ("stack/"). */
export function isListed(path: string, entries: Iterable<string>): boolean {
  return [...entries].some((entry) =>
    entry.endsWith("/") ? path.startsWith(entry) : path === entry,
  );
}

/** What a file imports or re-exports: name and line. */
export function importsOf({ lines }: Source): { name: string; line: number }[] {
  return lines.flatMap((text, index) => {
    const found =
      /^(?:import|export|\}).*?\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/.exec(text);
    const name = found?.[1] ?? found?.[2] ?? found?.[3];
    return name === undefined ? [] : [{ name, line: index + 1 }];
  });
}

const COMMENT_OR_TEXT =
  /\/\*[\s\S]*?\*\/|(?<![:"'`\\])\/\/.*$|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/gm;

/** Keeps comments and line ends alone. */
function commentsOf(text: string): string {
  let comments = "";
  let at = 0;
  const lineEnds = (from: number, to: number) => text.slice(from, to).replaceAll(/[^\n]/g, "");
  for (const { 0: found, index } of text.matchAll(COMMENT_OR_TEXT)) {
    comments += lineEnds(at, index) + (found.startsWith("/") ? found : "");
    at = index + found.length;
  }
  return comments + lineEnds(at, text.length);
}

/** Removes comments and texts, but keeps the line ends and with them the line numbers. */
function codeOf(text: string): string {
  return text.replace(COMMENT_OR_TEXT, (found) =>
    /^["']/.test(found) ? found.charAt(0).repeat(2) : found.replaceAll(/[^\n]/g, ""),
  );
}
