/** Markdown tables of the generated documents. */
import { expect, test } from "bun:test";

import { markdownTable } from "./markdown_table.ts";

test("markdownTable() makes one line for the columns, the rule and each row", () => {
  const table = markdownTable(["Name", "Value"], [["a", "1"]]);

  expect(table).toBe("| Name | Value |\n| --- | --- |\n| a | 1 |");
});

test("markdownTable() aligns all columns but the first to the right when they are numbers", () => {
  const [, rule] = markdownTable(["Name", "Value", "Rounds"], [], "right").split("\n");

  expect(rule).toBe("| --- | ---: | ---: |");
});

test("markdownTable() escapes a bar, which would end the cell", () => {
  const [, , row] = markdownTable(["Name"], [["a | b"]]).split("\n");

  expect(row).toBe(String.raw`| a \| b |`);
});
