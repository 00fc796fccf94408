import { describe, expect, test } from "bun:test";

import { createProgress } from "./progress.ts";

function shown({ isTTY = false, plainMsMin }: { isTTY?: boolean; plainMsMin?: number } = {}) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const stream = { isTTY, columns: 100, rows: 24, write: (text: string) => written.push(text) };
  const progress = createProgress({
    stream: stream as unknown as NodeJS.WriteStream,
    now: () => clock.ms,
    ...(plainMsMin !== undefined && { plainMsMin }),
  });
  return { progress, written, clock };
}

describe("createProgress()", () => {
  test("createProgress() writes plain lines now and then when the output is no terminal", () => {
    const { progress, written, clock } = shown();

    const step = progress.step("Kafka");
    step.note("downloading: 1 files");
    clock.ms = 1_000;
    step.note("downloading: 2 files");
    clock.ms = 6_000;
    step.note("downloading: 3 files");
    clock.ms = 7_500;
    step.done("ready");

    expect(written).toEqual([
      "Kafka: downloading: 1 files (0.0 s)\n",
      "Kafka: downloading: 3 files (6.0 s)\n",
      "Kafka: ready (7.5 s)\n",
    ]);
  });

  test("createProgress() writes every note once when no time has to lie between them", () => {
    const { progress, written } = shown({ plainMsMin: 0 });

    const step = progress.step("poison");
    for (const text of ["starting", "starting", "sending"]) step.note(text);
    step.fail("BROKEN");
    progress.say("stopped");
    progress.close();

    expect(written).toEqual([
      "poison: starting (0.0 s)\n",
      "poison: sending (0.0 s)\n",
      "poison: BROKEN (0.0 s)\n",
      "stopped\n",
    ]);
  });

  test("createProgress() writes the share of a total, and never more than all of it", () => {
    const { progress, written } = shown({ plainMsMin: 0 });

    const step = progress.step("auditing", 200);
    for (const value of [0, 50, 300]) step.show(value, `${value} offsets`);

    expect(written).toEqual([
      "auditing: 0 %, 0 offsets (0.0 s)\n",
      "auditing: 25 %, 50 offsets (0.0 s)\n",
      "auditing: 100 %, 300 offsets (0.0 s)\n",
    ]);
  });

  test("createProgress() draws a bar in a terminal, and a step that was not done as failed", () => {
    const { progress, written } = shown({ isTTY: true });

    const step = progress.step("auditing", 4);
    step.show(1, "events 0");
    progress.say("a line");
    progress.close();
    const drawn = Bun.stripANSI(written.join(""));
    step.note("after the end");
    progress.close();

    expect(drawn).toContain("a line\n");
    expect(drawn).toContain(`auditing       ${"█".repeat(6)}${"░".repeat(18)} events 0 0.0 s`);
    expect(drawn).toContain("✖ auditing       events 0 0.0 s");
    expect(Bun.stripANSI(written.join(""))).toBe(drawn);
  });
});
