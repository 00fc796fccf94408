import { describe, expect, test } from "bun:test";
import { parsePositionsArguments } from "./arguments.ts";

const parse = (line: string) => parsePositionsArguments(line.split(" ").filter((word) => word));

describe("parsePositionsArguments()", () => {
  test("parsePositionsArguments() shows when nothing else is said", () => {
    expect(parse("")).toEqual({ command: { name: "show" } });
    expect(parse("explain")).toEqual({ command: { name: "explain" } });
  });

  test("parsePositionsArguments() reads a rewind and a resume", () => {
    expect(parse("rewind --sink postgres --partition 3 --to 1200 --yes")).toEqual({
      command: {
        name: "rewind",
        target: { sink: "postgres", partition: 3 },
        to: 1200n,
        isAgreed: true,
      },
    });
    expect(parse("rewind --sink archive --partition 0 --to start")).toMatchObject({
      command: { to: "start", isAgreed: false },
    });
    expect(parse("resume --sink archive --partition 0 --accept-log")).toMatchObject({
      command: { name: "resume", acceptLog: true, isAgreed: false },
    });
  });

  test.each([
    ["remove", '"remove" is none of show, explain, rewind, resume'],
    ["show now", '"show now" is none of'],
    ["show --sink archive", "show takes no --sink"],
    ["resume --sink archive --partition 1 --to 3", "resume takes no --to"],
    ["rewind --sink s3 --partition 1 --to 3", "--sink must be"],
    ["rewind --sink archive --partition one --to 3", "--partition must be"],
    ["rewind --sink archive --to 3", "--partition must be"],
    ["rewind --sink archive --partition 1 --to=-1", "--to must be"],
    ["rewind --sink archive --partition 1", "--to must be"],
    ["show --forever", "Unknown option"],
  ])("parsePositionsArguments() says what is wrong with %p", (line, problem) => {
    expect(parse(line)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test("parsePositionsArguments() gives the help wherever it is asked for", () => {
    expect(parse("rewind --help")).toEqual({ help: expect.stringContaining("--accept-log") });
  });
});
