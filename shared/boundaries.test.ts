/**
 * The rules of the house that can be checked: who imports whom, where the edges
 * of the system are, sizes, the comment on top. Reads every source of the
 * repository; exceptions stand in boundaries_table.ts, each with its reason.
 */
import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { dirname, join, normalize } from "node:path";

import {
  ALLOWED_IMPORTS,
  LONG_COMMENT_EXCEPTIONS,
  LONG_FILE_EXCEPTIONS,
  TECHNOLOGIES,
  WORD_RULES,
  WRONG_WORDS,
  WRONG_WORD_EXCEPTIONS,
} from "./boundaries_table.ts";

const ROOT = join(import.meta.dir, "..");
const NOT_OURS = /(^|\/)(node_modules|dist|\.data|\.git)\//;

interface Source {
  /** From the root of the repository. */
  readonly path: string;
  readonly lines: readonly string[];
  /** The lines without comments and without what stands in quotes. */
  readonly code: readonly string[];
}

const sources = await readSources(/\.tsx?$/);
const isTest = (path: string) => /\.test\.tsx?$|\/testing\//.test(path);
const packageOf = (path: string) => path.split("/")[0] ?? "";

async function readSources(name: RegExp): Promise<Source[]> {
  const found: Source[] = [];
  for await (const path of new Glob("**/*").scan({ cwd: ROOT, dot: true })) {
    if (NOT_OURS.test(path) || !name.test(path)) continue;
    const text = await Bun.file(join(ROOT, path)).text();
    found.push({ path, lines: text.split("\n"), code: codeOf(text).split("\n") });
  }
  return found.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

/** Keeps line numbers: what is taken out leaves its line ends behind. */
function codeOf(text: string): string {
  const pattern = /\/\*[\s\S]*?\*\/|(?<![:"'`\\])\/\/.*$|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/gm;
  return text.replace(pattern, (found) =>
    /^["']/.test(found) ? found.charAt(0).repeat(2) : found.replaceAll(/[^\n]/g, ""),
  );
}

/** What a file imports: name and line. */
function importsOf({ lines }: Source): { name: string; line: number }[] {
  return lines.flatMap((text, index) => {
    const found =
      /^(?:import|export|\}).*?\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/.exec(text);
    const name = found?.[1] ?? found?.[2] ?? found?.[3];
    return name === undefined ? [] : [{ name, line: index + 1 }];
  });
}

function isListed(path: string, entries: Iterable<string>): boolean {
  return [...entries].some((entry) =>
    entry.endsWith("/") ? path.startsWith(entry) : path === entry,
  );
}

/** Fails with the list itself, so that the output says what to do. */
function expectNone(violations: readonly string[]): void {
  expect(violations).toEqual([]);
}

describe("imports", () => {
  test("R1 packages import what they may, by name, when they cross a border", () => {
    const violations = sources.flatMap((source) => {
      const { path } = source;
      const own = packageOf(path);
      const allowed = [own, ...(ALLOWED_IMPORTS[own] ?? []), ...(isTest(path) ? ["stack"] : [])];
      return importsOf(source).flatMap(({ name, line }) => {
        if (name.startsWith(".")) {
          const target = packageOf(normalize(join(dirname(path), name)));
          return target === own ? [] : [`${path}:${line} leaves its package by path: ${name}`];
        }
        const target = /^@tally\/(\w+)/.exec(name)?.[1];
        if (target === undefined || allowed.includes(target)) return [];
        return [`${path}:${line} imports ${name}`];
      });
    });

    expectNone(violations);
  });

  test("R1 the stack and the client's build know nothing of events when they import", () => {
    const blind = sources.filter(({ path }) => /^stack\/|^shared\/kafka\/native\//.test(path));

    const violations = blind.flatMap(({ path, lines }) =>
      lines.flatMap((text, index) =>
        /^import .*\b(?:\w*Event|parseEvent|encodeEvent|decodeRecord)\b.* from/.test(text)
          ? [`${path}:${index + 1} ${text}`]
          : [],
      ),
    );

    expectNone(violations);
  });

  test("R2 a technology is imported by its own files alone", () => {
    const violations = sources.flatMap((source) =>
      importsOf(source).flatMap(({ name, line }) => {
        const technology = Object.keys(TECHNOLOGIES).find(
          (each) => name === each || name.startsWith(each.endsWith("/") ? each : `${each}/`),
        );
        if (technology === undefined || isTest(source.path)) return [];
        const homes = TECHNOLOGIES[technology] ?? [];
        return isListed(source.path, homes) ? [] : [`${source.path}:${line} imports ${name}`];
      }),
    );

    expectNone(violations);
  });

  test("R2 every home of a technology is there when a table names it", () => {
    const homes = Object.values(TECHNOLOGIES).flat();

    expectNone(homes.filter((home) => !sources.some(({ path }) => isListed(path, [home]))));
  });
});

describe("edges", () => {
  test.each(WORD_RULES.map((each) => [each.rule, each] as const))("%s", (_, wordRule) => {
    const { pattern, exceptions, inTests } = wordRule;

    const violations = sources
      .filter(({ path }) => (inTests || !isTest(path)) && !isListed(path, Object.keys(exceptions)))
      .flatMap(({ path, code, lines }) =>
        code.flatMap((text, index) =>
          pattern.test(text) ? [`${path}:${index + 1} ${lines[index]?.trim()}`] : [],
        ),
      );

    expectNone(violations);
  });

  test.each(WORD_RULES.map((each) => [each.rule, each] as const))(
    "every exception is needed when it stands in the table: %s",
    (_, { exceptions, pattern }) => {
      const unused = Object.keys(exceptions).filter(
        (entry) =>
          exceptions[entry]?.startsWith("entry point") !== true &&
          !sources.some(
            ({ path, code }) => isListed(path, [entry]) && code.some((text) => pattern.test(text)),
          ),
      );

      expectNone(unused);
    },
  );
});

describe("sizes", () => {
  const FILE_LINES_MAX = 300;
  const WIDTH_MAX = 100;

  test("R7 files have at most 300 lines", () => {
    const long = sources.filter(({ lines }) => lines.length - 1 > FILE_LINES_MAX);

    expectNone(
      long
        .filter(({ path }) => LONG_FILE_EXCEPTIONS[path] === undefined)
        .map(({ path, lines }) => `${path} has ${lines.length - 1} lines`),
    );
  });

  test("R7 lines have at most 100 characters, unless a text makes them longer", () => {
    const violations = sources.flatMap(({ path, lines }) => {
      let isInTemplate = false;
      return lines.flatMap((text, index) => {
        const isText = isInTemplate || /["'`]/.test(text);
        if ((text.match(/`/g)?.length ?? 0) % 2 === 1) isInTemplate = !isInTemplate;
        const isComment = /^\s*(?:\/\*\*|\*|\/\/)/.test(text);
        // The formatter leaves texts whole, and so do we.
        if (text.length <= WIDTH_MAX || (isText && !isComment)) return [];
        return [`${path}:${index + 1} has ${text.length} characters`];
      });
    });

    expectNone(violations);
  });
});

describe("texts", () => {
  test("R9 a file opens with a comment of 1 to 4 lines that says what it is", () => {
    // A test's name says what it is: the file beside it.
    const own = sources.filter(({ path }) => !path.includes(".test."));
    const violations = own.flatMap(({ path, lines }) => {
      const first = lines[0]?.startsWith("#!") ? 1 : 0;
      if (!lines[first]?.startsWith("/**")) return [`${path} has none`];
      const end = lines.findIndex((text) => text.trimEnd().endsWith("*/"));
      const length = end === first ? 1 : end - first - 1;
      return length > 4 && LONG_COMMENT_EXCEPTIONS[path] === undefined
        ? [`${path} has one of ${length} lines`]
        : [];
    });

    expectNone(violations);
  });

  test("R11 files are named in snake_case, and say what they hold", () => {
    const bad = sources
      .map(({ path }) => path)
      .filter((path) => {
        const name = path.split("/").at(-1) ?? "";
        const isVague = /^(?:utils?|helpers?|common|types)\./.test(name);
        return isVague || !/^[a-z0-9_]+(\.[a-z_]+)*\.tsx?$/.test(name);
      });

    expectNone(bad);
  });

  test("names use the words of the glossary", () => {
    const declared = /\b(?:function\*?|const|let|class|interface|type)\s+([A-Za-z_]\w*)/g;
    const violations = sources
      .filter(({ path }) => !isTest(path))
      .flatMap(({ path, code }) =>
        code.flatMap((text, index) =>
          [...text.matchAll(declared)].flatMap(([, name = ""]) => {
            const parts = name.split(/_|(?=[A-Z])/).map((part) => part.toLowerCase());
            const wrong = parts.find((part) => Object.hasOwn(WRONG_WORDS, part));
            if (wrong === undefined || WRONG_WORD_EXCEPTIONS[name] !== undefined) return [];
            return [`${path}:${index + 1} ${name}: say "${WRONG_WORDS[wrong]}"`];
          }),
        ),
      );

    expectNone(violations);
  });

  test("nothing is silenced, skipped or left for later", () => {
    // In two parts, so that this file does not find itself.
    const banned = new RegExp(
      [
        "@ts-" + "(?:ignore|nocheck|expect-error)",
        String.raw`\b(?:test|it|describe)\.` + "(?:skip|only|todo|failing)\\b",
        "\\b(?:TO" + "DO|FIX" + "ME|XX" + "X)\\b(?!.*#\\d)",
        String.raw`catch\s*(?:\(\w+\)\s*)?\{\s*\}`,
      ].join("|"),
    );
    const violations = sources.flatMap(({ path, lines }) =>
      lines.flatMap((text, index) =>
        banned.test(text) ? [`${path}:${index + 1} ${text.trim()}`] : [],
      ),
    );

    expectNone(violations);
  });

  test("no file names a folder of one machine", async () => {
    // Built from parts, so that this file does not find itself; /home/me is nobody's.
    const folders = ["work", "home", "root", "Users"].map((name) => `/${name}/`);
    const own = new RegExp(`(?<![\\w.}/*-])(?:${folders.join("|")})(?!me\\b)[a-z]`);
    const texts = await readSources(
      /\.(?:tsx?|json|toml|ya?ml|md|sql|css|html|sh|cc|h|txt|example)$|(?:^|\/)(?:Dockerfile|run)$/,
    );

    const violations = texts.flatMap(({ path, lines }) =>
      lines.flatMap((text, index) =>
        own.test(text) ? [`${path}:${index + 1} ${text.trim().slice(0, 100)}`] : [],
      ),
    );

    expect(texts.length).toBeGreaterThan(sources.length);
    expectNone(violations);
  });
});
