import { describe, expect, test } from "bun:test";

import { tableText } from "./table.ts";
import { wrapText } from "./wrap.ts";

describe("tableText()", () => {
  const rows = [
    ["sent", "1,200", "漢字", "as fast as possible"],
    ["twice", "3", "", ""],
  ];

  test("tableText() makes columns as wide as their widest cell, and ends lines without spaces", () => {
    expect(tableText(rows)).toBe("sent   1,200  漢字  as fast as possible\ntwice  3\n");
  });

  test("tableText() aligns numbers to the right, below a head with a rule", () => {
    const options = { head: ["what", "count", "", "note"], right: [1], isRuled: true, indent: 2 };

    expect(tableText(rows, options)).toBe(`  what   count        note
  -----  -----  ----  -------------------
  sent   1,200  漢字  as fast as possible
  twice      3
`);
  });

  test("tableText() does not count colours as width", () => {
    const red = "\u001b[31mred\u001b[39m";

    expect(
      tableText([
        [red, "x"],
        ["blue", "y"],
      ]),
    ).toBe(`${red}   x\nblue  y\n`);
  });

  test("tableText() is empty without rows and head", () => {
    expect(tableText([])).toBe("");
    expect(tableText([], { head: ["a", "b"] })).toBe("a  b\n");
  });
});

describe("wrapText()", () => {
  test("wrapText() keeps to the width and indents", () => {
    const text = wrapText("word ".repeat(40).trim(), { first: "  - ", next: "    " });

    const lines = text.split("\n");
    expect(lines).toHaveLength(4);
    expect(lines.every((line) => line.length <= 100 && line === line.trimEnd())).toBeTrue();
    expect(lines[0]).toStartWith("  - word");
    expect(lines[1]).toStartWith("    word");
    expect(text.match(/word/g)).toHaveLength(40);
  });

  test("wrapText() gives a word that is too long its own line", () => {
    const word = "x".repeat(120);

    expect(wrapText(`a ${word} b`, { first: "  " })).toBe(`  a\n  ${word}\n  b\n`);
  });
});
