/** The load test's arguments. */
import { describe, expect, test } from "bun:test";

import { parseLoadArguments } from "./options.ts";

describe("parseLoadArguments()", () => {
  test("parseLoadArguments() returns the defaults when there are no words", () => {
    expect(parseLoadArguments([])).toEqual({
      kind: "run",
      value: {
        eventsPerSecond: 0,
        seconds: 10,
        batchEvents: 1,
        connections: 64,
        url: null,
        waitSeconds: 90,
        archive: true,
      },
    });
  });

  test("parseLoadArguments() reads both ways of writing a value", () => {
    const words = ["--rate", "5000", "--seconds=20", "--url", "http://10.0.0.5:81/x"];

    const parsed = parseLoadArguments([...words, "--no-archive"]);

    expect(parsed).toMatchObject({
      value: { eventsPerSecond: 5000, seconds: 20, url: "http://10.0.0.5:81", archive: false },
    });
  });

  test.each([
    [["--rate", "5k"], "a whole number from 0 to 1000000"],
    [["--rate", "-1"], "--rate"],
    [["--batch", "5001"], "--batch"],
    [["--seconds", "0"], "--seconds"],
    [["--url", "127.0.0.1:8081"], "--url"],
    [["--speed", "1"], "--speed"],
    [["fast"], "fast"],
  ])("parseLoadArguments() names what is wrong when given %p", (words, named) => {
    const parsed = parseLoadArguments(words);

    expect(parsed).toEqual({ kind: "problem", text: expect.stringContaining(named) });
    expect(parsed).toMatchObject({ text: expect.stringContaining('"bun run load --help"') });
  });

  test("parseLoadArguments() names every option when asked for help", () => {
    const parsed = parseLoadArguments(["--help"]);

    for (const name of ["rate", "seconds", "batch", "connections", "url", "wait", "no-archive"]) {
      expect(parsed).toEqual({ kind: "text", text: expect.stringContaining(`--${name}`) });
    }
  });
});
