/** Reads the repository's documents: links, anchors, named paths, tables. Test support. */
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..", "..");

/** Text of a file. @param path From the root of the repository. */
export function readRepositoryFile(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** Paths of all files that match, from the root of the repository, without what is not in it. */
export function findRepositoryFiles(pattern: string): string[] {
  return [...new Glob(pattern).scanSync({ cwd: ROOT, dot: true })]
    .filter((path) => !/(^|\/)(node_modules|dist|\.data|\.git)\//.test(path))
    .toSorted();
}

/** A link: its text, and where it leads. */
export interface Link {
  readonly label: string;
  readonly target: string;
}

/** Every link and image outside of code blocks. */
export function linksOf(markdown: string): Link[] {
  const found = withoutCodeBlocks(markdown).matchAll(/\[((?:`[^`]*`|[^\]`])*)\]\(([^)\s]+)\)/g);
  return [...found].map(([, label = "", target = ""]) => ({ label, target }));
}

/** The anchors of all headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutCodeBlocks(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = ""]) => {
    const anchor = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
}

/** What stands in backticks, outside of code blocks. */
export function codeSpansOf(markdown: string): string[] {
  return [...withoutCodeBlocks(markdown).matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);
}

/** Cells of the tables below a heading, without their heads, up to the next heading. */
export function tableRowsBelow(markdown: string, heading: string): string[][] {
  const below = markdown.split(`\n${heading}\n`)[1]?.split(/\n#{1,6} /)[0] ?? "";
  const lines = below.split("\n");
  return lines
    .filter((line, at) => line.startsWith("|") && !isHead(lines, at))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** A table's first line, or the rule below it. */
function isHead(lines: readonly string[], at: number): boolean {
  const isRule = (line: string | undefined) => /^\|[\s:|-]+\|$/.test(line ?? "");
  return isRule(lines[at]) || isRule(lines[at + 1]);
}

function withoutCodeBlocks(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```$/gm, "");
}
