import { describe, expect, test } from "bun:test";
import { parseCountsArguments } from "./arguments.ts";

describe("parseCountsArguments()", () => {
  test("parseCountsArguments() shows without a command", () => {
    expect(parseCountsArguments([])).toMatchObject({ kind: "run", value: { name: "show" } });
  });

  test("parseCountsArguments() extends the range to whole hours", () => {
    const line = parseCountsArguments([
      "rebuild",
      "--from",
      "2026-01-31",
      "--to",
      "2026-02-01T07:00:00.001+05:45",
    ]);

    expect(line).toMatchObject({
      value: {
        name: "rebuild",
        from: "2026-01-31T00:00:00.000Z",
        to: "2026-02-01T02:00:00.000Z",
      },
    });
  });

  test.each([
    [["rebuild", "--from", "yesterday"], "It must be like 2026-01-31"],
    [["rebuild", "--from", "2026-02-01", "--to", "2026-01-31"], "--from must be earlier than --to"],
    [["refill"], "refill"],
  ])("parseCountsArguments() refuses %j with what is allowed", (words, text) => {
    expect(JSON.stringify(parseCountsArguments(words))).toContain(text);
  });
});
