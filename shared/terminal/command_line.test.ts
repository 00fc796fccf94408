import { describe, expect, test } from "bun:test";

import {
  readCommandLine,
  runCommandLine,
  type Answer,
  type BareCommand,
  type CommandLine,
} from "./command_line.ts";
import { fileName, oneOf, parsedValue, serviceUrl, wholeNumber } from "./option_values.ts";

const INFO = {
  name: "bun run try",
  summary: "Tries things.",
  lists: [{ title: "Things", rows: [["stone", "hard and round"]] as const }],
  examples: [["bun run try", "try all"]] as const,
  notes: ["A note."],
  exitCodes: { 0: "done", 1: "not done", 2: "wrong use" },
};

function declareOptions(program: BareCommand, { run }: Answer<object>): void {
  program
    .addOption(wholeNumber("--count <n>", "things", { min: 1, max: 10 }).default(3))
    .addOption(serviceUrl("--url <url>", "address", 8082))
    .addOption(fileName("--json <file>", "report"))
    .addOption(oneOf("--kind <kind>", "which", ["hard", "soft"] as const))
    .addOption(
      parsedValue("--code <code>", "code", {
        read: (text) => (text === "x" ? "X" : null),
        allowed: "It must be x.",
      }),
    )
    .action((options, command) => {
      if (options.count === 10 && options.kind === "soft") command.error("error: too soft");
      run(options);
    });
}

const read = (...words: string[]) => readCommandLine<object>(words, INFO, declareOptions);

function declareCommands(program: BareCommand, { run, print }: Answer<string>): void {
  program
    .command("look", { isDefault: true })
    .option("--near", "from near")
    .action(({ near = false }) => run(near ? "look near" : "look"));
  program
    .command("take <thing>")
    .option("--yes", "do not ask")
    .action((thing, { yes = false }) => run(`take ${thing} ${yes}`));
  program.command("list").action(() => print("stone\n"));
}

const readCommand = (...words: string[]) => readCommandLine<string>(words, INFO, declareCommands);

describe("readCommandLine()", () => {
  test("readCommandLine() runs with defaults and checked values", () => {
    expect(read()).toEqual({ kind: "run", value: { count: 3 } });
    expect(
      read("--count=7", "--url", "http://a:1/x", "--json", "a", "--kind", "soft", "--code", "x"),
    ).toEqual({
      kind: "run",
      value: { count: 7, url: "http://a:1", json: "a", kind: "soft", code: "X" },
    });
  });

  test.each([
    [["--count", "0"], "'0' is invalid. It must be a whole number from 1 to 10."],
    [["--count", "11"], "It must be a whole number from 1 to 10."],
    [["--count", "1e1"], "It must be a whole number from 1 to 10."],
    [["--count"], "Option '--count <n>' argument missing."],
    [["--url", "a:1"], "It must be like http://127.0.0.1:8082."],
    [["--url", "ftp://a"], "It must be like http://127.0.0.1:8082."],
    [["--json", ""], "It must name a file."],
    [["--kind", "wet"], "Allowed choices are hard, soft."],
    [["--code", "y"], "It must be x."],
    [["--cuont", "1"], "(Did you mean --count?)"],
    [["more"], "Too many arguments."],
    [["--count", "10", "--kind", "soft"], "Too soft."],
  ])(
    "readCommandLine() reports what is wrong and where the help is when given %p",
    (words, text) => {
      const line = read(...words);

      expect(line).toEqual({ kind: "problem", text: expect.stringContaining(text) });
      expect(line).toMatchObject({ text: expect.stringContaining('See "bun run try --help".\n') });
    },
  );

  test("readCommandLine() returns a help with summary, options, lists, examples and codes", () => {
    const line = read("-h", "--count", "1");

    expect(line).toEqual({
      kind: "text",
      text: `Usage: bun run try [options]

Tries things.

Options:
  --count <n>    things; from 1 to 10 (default: 3)
  --url <url>    address
  --json <file>  report
  --kind <kind>  which (choices: "hard", "soft")
  --code <code>  code
  -h, --help     show this text

Things:
  stone  hard and round

Examples:
  bun run try  try all

A note.

Exit codes:
  0  done
  1  not done
  2  wrong use
`,
    });
  });

  test.each([
    [[], "look"],
    [["--near"], "look near"],
    [["take", "stone", "--yes"], "take stone true"],
    [["--yes", "take", "stone"], "take stone true"],
  ])("readCommandLine() chooses the command when given %p", (words, value) => {
    expect(readCommand(...words)).toEqual({ kind: "run", value });
  });

  test("readCommandLine() lists the commands when one is unknown", () => {
    expect(readCommand("drop")).toEqual({
      kind: "problem",
      text: `Unknown command 'drop'. Allowed commands are look, take, list.
See "bun run try --help".
`,
    });
  });
});

describe("runCommandLine()", () => {
  async function outcome(line: CommandLine<string>) {
    const seen = { printed: "", complained: "", ran: "" };
    const code = await runCommandLine(
      line,
      (value) => {
        seen.ran += value;
        return Promise.resolve(1 as const);
      },
      { print: (text) => (seen.printed += text), complain: (text) => (seen.complained += text) },
    );
    return { code, ...seen };
  }
  const nothing = { printed: "", complained: "", ran: "" };

  test("runCommandLine() exits with what the command returns, 0 for a text, 2 for wrong use", async () => {
    expect(await outcome(readCommand("take", "it"))).toEqual({
      ...nothing,
      code: 1,
      ran: "take it false",
    });
    expect(await outcome(readCommand("list"))).toEqual({ ...nothing, code: 0, printed: "stone\n" });
    expect(await outcome({ kind: "problem", text: "no\n" })).toEqual({
      ...nothing,
      code: 2,
      complained: "no\n",
    });
  });
});
