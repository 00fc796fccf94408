import { describe, expect, test } from "bun:test";
import { parsePositionsArguments } from "./arguments.ts";

const parse = (line: string) => parsePositionsArguments(line.split(" ").filter((word) => word));

describe("parsePositionsArguments()", () => {
  test("parsePositionsArguments() shows the positions when there are no words", () => {
    expect(parse("")).toEqual({ kind: "run", value: { name: "show" } });
    expect(parse("explain")).toEqual({ kind: "run", value: { name: "explain" } });
  });

  test("parsePositionsArguments() reads a rewind and a resume", () => {
    expect(parse("rewind --sink postgres --partition 3 --to 1200 --yes")).toEqual({
      kind: "run",
      value: {
        name: "rewind",
        target: { sink: "postgres", partition: 3 },
        to: 1200n,
        isAgreed: true,
      },
    });
    expect(parse("rewind --sink archive --partition 0 --to start")).toMatchObject({
      value: { to: "start", isAgreed: false },
    });
    expect(parse("resume --sink archive --partition 0 --accept-log")).toMatchObject({
      value: { name: "resume", acceptLog: true, isAgreed: false },
    });
  });

  test("parsePositionsArguments() takes options before the command, too", () => {
    expect(parse("--sink archive --partition 1 --yes resume")).toMatchObject({
      value: { name: "resume", target: { sink: "archive", partition: 1 }, isAgreed: true },
    });
  });

  test.each([
    [
      "remove",
      "Unknown command 'remove'. Allowed commands are show, explain, rewind, resume, acknowledge.",
    ],
    ["show now", "Too many arguments for 'show'"],
    ["show --sink archive", "Unknown option '--sink'"],
    ["resume --sink archive --partition 1 --to 3", "Unknown option '--to'"],
    ["rewind --sink s3 --partition 1 --to 3", "Allowed choices are postgres, archive."],
    ["rewind --partition 1 --to 3", "Required option '--sink <postgres|archive>' not specified"],
    ["rewind --sink archive --partition one --to 3", "a whole number from 0 to 999999"],
    ["rewind --sink archive --partition 1000000 --to 3", "a whole number from 0 to 999999"],
    ["rewind --sink archive --to 3", "Required option '--partition <n>' not specified"],
    ["rewind --sink archive --partition 1 --to=-1", "It must be an offset"],
    ["rewind --sink archive --partition 1", "Required option '--to <offset|start>' not specified"],
    ["show --forever", "Unknown option '--forever'"],
  ])("parsePositionsArguments() reports what is wrong with %p", (line, problem) => {
    const parsed = parse(line);

    expect(parsed).toEqual({ kind: "problem", text: expect.stringContaining(problem) });
    expect(parsed).toMatchObject({ text: expect.stringContaining('"bun run positions --help"') });
  });

  test("parsePositionsArguments() returns the help of the command that it is asked for", () => {
    expect(parse("resume --help")).toEqual({
      kind: "text",
      text: expect.stringContaining("--accept-log"),
    });
    for (const name of ["show", "explain", "rewind", "resume"]) {
      expect(parse("--help")).toMatchObject({ text: expect.stringContaining(`\n  ${name} `) });
    }
  });
});
