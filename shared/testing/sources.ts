/** Reads every source of the repository for the tests that check its rules. */
import { Glob } from "bun";
import { join } from "node:path";

/** Root of the repository. */
export const ROOT = join(import.meta.dir, "../..");

/** One source file. */
export interface Source {
  /** From the root of the repository. */
  readonly path: string;
  readonly lines: readonly string[];
  /** The lines without comments and without the text of quotes. */
  readonly code: readonly string[];
}

const NOT_OURS = /(^|\/)(node_modules|dist|\.data|\.git)\//;

/** Reads the files whose path matches, sorted by path. */
export async function readSources(name: RegExp): Promise<Source[]> {
  const found: Source[] = [];
  for await (const path of new Glob("**/*").scan({ cwd: ROOT, dot: true })) {
    if (NOT_OURS.test(path) || !name.test(path)) continue;
    const text = await Bun.file(join(ROOT, path)).text();
    found.push({ path, lines: text.split("\n"), code: codeOf(text).split("\n") });
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

/** Removes comments and texts, but keeps the line ends and with them the line numbers. */
function codeOf(text: string): string {
  const pattern = /\/\*[\s\S]*?\*\/|(?<![:"'`\\])\/\/.*$|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/gm;
  return text.replace(pattern, (found) =>
    /^["']/.test(found) ? found.charAt(0).repeat(2) : found.replaceAll(/[^\n]/g, ""),
  );
}
