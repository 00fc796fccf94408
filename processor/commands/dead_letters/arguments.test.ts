import { describe, expect, test } from "bun:test";
import { parseDeadLettersArguments } from "./arguments.ts";

function parse(line: string) {
  return parseDeadLettersArguments(line.split(" ").filter((word) => word !== ""));
}

describe("parseDeadLettersArguments()", () => {
  const right: [line: string, command: object][] = [
    ["", { name: "list", code: null, limit: 20 }],
    ["list --code id_conflict --limit 5", { name: "list", code: "id_conflict", limit: 5 }],
    ["show 17", { name: "show", id: "17" }],
    ["resend 17", { name: "resend", id: "17" }],
    [
      "resend --code database_rejected",
      { name: "resendMany", code: "database_rejected", limit: null, isAgreed: false },
    ],
    [
      "resend --code database_rejected --limit 5000 --yes",
      { name: "resendMany", code: "database_rejected", limit: 5000, isAgreed: true },
    ],
  ];
  test.each(right)('parseDeadLettersArguments() reads "%s"', (line, command) => {
    expect(parse(line)).toEqual({ kind: "run", value: { command, url: null } } as never);
  });

  test("parseDeadLettersArguments() takes an address without its path when one is given", () => {
    expect(parse("--url http://localhost:9/x")).toMatchObject({
      value: { url: "http://localhost:9" },
    });
    expect(parse("--url http://localhost:9/x resend 17")).toEqual({
      kind: "run",
      value: { command: { name: "resend", id: "17" }, url: "http://localhost:9" },
    });
  });

  test("parseDeadLettersArguments() returns the help when it is asked for", () => {
    expect(parse("resend --help")).toEqual({
      kind: "text",
      text: expect.stringContaining("--yes"),
    });
    expect(parse("--help")).toMatchObject({ text: expect.stringContaining("Exit codes:") });
  });

  test("parseDeadLettersArguments() names the bound of a limit that is too large", () => {
    expect(parse("list --limit 1001")).toEqual({
      kind: "problem",
      text: `Option '--limit <n>' argument '1001' is invalid. It must be a whole number from 1 to 1000.
See "bun run dead-letters --help".
`,
    });
  });

  const wrong = [
    "drop",
    "list 17",
    "show",
    "show x",
    "show 17 18",
    "show 17 --limit 1",
    "resend",
    "resend 17 --code id_conflict",
    "resend 17 --yes",
    "resend 17 --limit 3",
    "list --yes",
    "list --code nonsense",
    "list --limit 0",
    "list --limit 1001",
    "list --limit 1e3",
    "list --url processor",
    "list --unknown",
  ];
  test.each(wrong)('parseDeadLettersArguments() reports what is wrong with "%s"', (line) => {
    expect(parse(line)).toEqual({
      kind: "problem",
      text: expect.stringContaining('See "bun run dead-letters --help".') as string,
    });
  });
});
