import { expect, test } from "bun:test";

import { createProgress } from "./progress.ts";

test("createProgress() writes plain lines when the output is no terminal", () => {
  const written: string[] = [];
  let nowMs = 0;
  const stream = { isTTY: false, write: (text: string) => written.push(text) };
  const progress = createProgress({
    stream: stream as unknown as NodeJS.WriteStream,
    now: () => nowMs,
  });

  const step = progress.step("Kafka");
  step.note("downloading: 1 files");
  nowMs = 1_000;
  step.note("downloading: 2 files");
  nowMs = 6_000;
  step.note("downloading: 3 files");
  nowMs = 7_500;
  step.done("ready");

  expect(written).toEqual([
    "Kafka: downloading: 1 files\n",
    "Kafka: downloading: 3 files\n",
    "Kafka: ready (7.5 s)\n",
  ]);
});
