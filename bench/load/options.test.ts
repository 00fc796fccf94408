/** The load test's arguments. */
import { describe, expect, test } from "bun:test";

import { parseLoadArguments } from "./options.ts";

describe("parseLoadArguments()", () => {
  test("parseLoadArguments() gives defaults when nothing is said", () => {
    expect(parseLoadArguments([])).toEqual({
      options: {
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
      options: { eventsPerSecond: 5000, seconds: 20, url: "http://10.0.0.5:81", archive: false },
    });
  });

  test.each([
    [["--rate", "5k"], "--rate"],
    [["--rate", "-1"], "--rate"],
    [["--batch", "5001"], "--batch"],
    [["--seconds", "0"], "--seconds"],
    [["--url", "127.0.0.1:8081"], "--url"],
    [["--speed", "1"], "--speed"],
    [["fast"], "fast"],
  ])("parseLoadArguments() names what is wrong when given %p", (words, named) => {
    const parsed = parseLoadArguments(words);

    expect("problem" in parsed ? parsed.problem : "").toContain(named);
  });

  test("parseLoadArguments() names every option when asked for help", () => {
    const parsed = parseLoadArguments(["--help"]);

    const help = "help" in parsed ? parsed.help : "";
    for (const name of ["rate", "seconds", "batch", "connections", "url", "wait", "no-archive"]) {
      expect(help).toContain(`--${name}`);
    }
  });
});
