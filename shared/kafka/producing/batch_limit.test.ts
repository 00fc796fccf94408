import { expect, test } from "bun:test";
import { PipelineError } from "../../error.ts";
import { BatchLimit } from "./batch_limit.ts";

const tooLarge = () =>
  new PipelineError("broker_rejected", 'Cannot publish to "events"', { cause: { code: 10 } });

const ofBytes = (bytes: number, isLast = false) => ({ bytes, isLast });

function arrange() {
  const world = { nowMs: 0 };
  const lowered: number[] = [];
  const limit = new BatchLimit({
    bytesMax: 1_000_000,
    now: () => world.nowMs,
    onLowered: () => lowered.push(limit.bytesMax),
  });
  return { world, lowered, limit };
}

test("judge() halves the limit once for the records of batches that are under way together", () => {
  const { world, lowered, limit } = arrange();

  const errors = [0, 1, 99, 100].map((nowMs) => {
    world.nowMs = nowMs;
    return limit.judge(tooLarge(), ofBytes(8000));
  });

  expect(lowered).toEqual([500_000, 250_000]);
  expect(errors.map(({ code }) => code)).toEqual(Array(4).fill("broker_misconfigured"));
  expect(errors[0]?.message).toBe(
    'Cannot publish to "events": the batch, not the record of 8000 bytes; the next batches have at most 500000 bytes',
  );
  expect(errors[0]?.remedy).toContain("max.message.bytes");
});

test("judge() blames a record that was alone in its batch, and lowers nothing for it", () => {
  const { world, lowered, limit } = arrange();
  for (; limit.bytesMax > 60_000; world.nowMs += 100) limit.judge(tooLarge(), ofBytes(60_000));
  const steps = lowered.length;

  const error = tooLarge();

  expect(limit.judge(error, ofBytes(60_000))).toBe(error);
  expect(lowered).toHaveLength(steps);
});

test("judge() ends at a least limit, and leaves other errors alone", () => {
  const { world, lowered, limit } = arrange();
  const away = new PipelineError("broker_unavailable", "away");

  expect(limit.judge(away, ofBytes(10))).toBe(away);
  for (; world.nowMs < 5000; world.nowMs += 100) limit.judge(tooLarge(), ofBytes(10));

  expect(lowered.at(-1)).toBe(4096);
  expect(lowered).toHaveLength(8);
  expect(limit.judge(tooLarge(), ofBytes(10)).code).toBe("broker_rejected");
});

test("judge() blames the only record of a producer, but not the last one of a batch", () => {
  const { world, lowered, limit } = arrange();

  const only = limit.judge(tooLarge(), ofBytes(10, true));
  const first = limit.judge(tooLarge(), ofBytes(10));
  world.nowMs = 1;
  const last = limit.judge(tooLarge(), ofBytes(10, true));

  const codes = [only, first, last].map(({ code }) => code);
  expect(codes).toEqual(["broker_rejected", "broker_misconfigured", "broker_misconfigured"]);
  expect(lowered).toEqual([500_000]);
});
