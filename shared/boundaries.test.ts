/**
 * The rules that can be checked: which package imports which, where the edges of
 * the system are, sizes, the comment at the top. Reads every source; exceptions
 * stand in testing/boundaries_table.ts, each with its reason.
 */
import { describe, expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";

import {
  ALLOWED_IMPORTS,
  ENTRY_POINTS,
  LONG_COMMENT_EXCEPTIONS,
  PHRASES,
  TECHNOLOGIES,
  WORD_RULES,
  WRONG_WORDS,
  WRONG_WORD_EXCEPTIONS,
} from "./testing/boundaries_table.ts";
import { importsOf, isListed, isTest, readSources } from "./testing/sources.ts";

const sources = await readSources(/\.tsx?$/);
const packageOf = (path: string) => path.split("/")[0] ?? "";

/** Fails with the list itself, so that the output shows what to change. */
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

describe("clocks", () => {
  test("R3 wallNow is imported by entry points alone; all others take a clock as a parameter", () => {
    const imported = /import \{[^}]*\bwallNow\b[^}]*\} from/;
    const violations = sources
      .filter(({ path }) => !isTest(path) && !isListed(path, Object.keys(ENTRY_POINTS)))
      .filter(({ lines }) => imported.test(lines.join(" ")))
      .map(({ path }) => `${path} imports wallNow`);

    expectNone(violations);
  });
});

describe("sizes", () => {
  const WIDTH_MAX = 100;

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

  test("comments and names of tests avoid phrases that need a second reading", () => {
    const isOwn = (path: string) => path !== "shared/testing/boundaries_table.ts";
    const violations = sources
      .filter(({ path }) => isOwn(path))
      .flatMap(({ path, lines, comments }) =>
        lines.flatMap((line, index) => {
          const name = /^\s*(?:test|it|describe)(?:\.each\(.*\))?\("(.*)"/.exec(line)?.[1] ?? "";
          const text = `${comments[index] ?? ""} ${name}`;
          const found = PHRASES.find(({ pattern }) => pattern.test(text));
          return found === undefined
            ? []
            : [`${path}:${index + 1} ${text.trim()}: say "${found.better}"`];
        }),
      );

    expectNone(violations);
  });

  test("no test is skipped or left for later, and no rule of the linter is silenced", () => {
    // In parts, so that this file does not find itself.
    const banned = new RegExp(
      [
        String.raw`\b(?:test|it|describe)\.` + "(?:skip|only|todo|failing)\\b",
        "(?:ox|es)lint-" + "disable",
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
