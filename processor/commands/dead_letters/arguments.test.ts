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
    expect(parse(line)).toEqual({ command, url: null } as never);
  });

  test("parseDeadLettersArguments() takes an address without its path when one is given", () => {
    expect(parse("--url http://localhost:9/x")).toMatchObject({ url: "http://localhost:9" });
  });

  test("parseDeadLettersArguments() gives the help when it is asked for", () => {
    expect(parse("resend --help")).toHaveProperty("help");
  });

  test("parseDeadLettersArguments() names the bound of a limit that is too large", () => {
    expect(parse("list --limit 1001")).toEqual({
      problem: "--limit must be a whole number from 1 to 1000",
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
    "list --yes",
    "list --code nonsense",
    "list --limit 0",
    "list --limit 1001",
    "list --limit 1e3",
    "list --url processor",
    "list --unknown",
  ];
  test.each(wrong)('parseDeadLettersArguments() says what is wrong with "%s"', (line) => {
    expect(parse(line)).toEqual({ problem: expect.any(String) as string });
  });
});
