import { PipelineError, type ErrorCode } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { createDeliveryFailures } from "./delivery_failure.ts";

const NOW_MS = Date.parse("2026-01-31T07:00:00.000Z");
const CLOCK = "Set the clock by NTP.";

function arrange() {
  const world = { nowMs: 0 };
  const lines: [Record<string, unknown>, string][] = [];
  const note = (fields: Record<string, unknown>, text: string) => void lines.push([fields, text]);
  const failures = createDeliveryFailures({
    log: { error: note, info: note } as unknown as Parameters<
      typeof createDeliveryFailures
    >[0]["log"],
    now: () => world.nowMs,
    wallNow: () => NOW_MS + world.nowMs,
  });
  const fail = (code: ErrorCode, options: { cause?: unknown; remedy?: string } = {}) =>
    failures.codeOf(new PipelineError(code, `Cannot publish: ${code}`, options));
  return { world, lines, failures, fail };
}

describe("codeOf()", () => {
  test("keeps what Kafka and the queue can repair, and logs nothing", () => {
    const { fail, lines } = arrange();

    expect([fail("broker_unavailable"), fail("overloaded")]).toEqual([
      "broker_unavailable",
      "overloaded",
    ]);
    expect(lines).toEqual([]);
  });

  test("logs a lasting refusal once a minute, with the clock, the remedy and how many records", () => {
    const { world, fail, lines } = arrange();

    const codes = [0, 20_000, 40_000, 60_000].map((nowMs) => {
      world.nowMs = nowMs;
      return fail("broker_misconfigured", { remedy: CLOCK });
    });

    expect(new Set(codes)).toEqual(new Set(["broker_misconfigured"]));
    expect(lines.map(([fields]) => fields)).toMatchObject([
      { clock: "2026-01-31T07:00:00.000Z", remedy: CLOCK, records: 1 },
      { clock: "2026-01-31T07:01:00.000Z", remedy: CLOCK, records: 3 },
    ]);
  });

  test("logs each reason, and names the size that the topic does not take", () => {
    const { fail, lines } = arrange();

    fail("broker_misconfigured", { remedy: CLOCK });
    fail("broker_misconfigured", { remedy: "Grant Write." });
    fail("broker_rejected", { cause: { code: 10 } });
    fail("broker_rejected", { cause: { code: 2 } });

    expect(lines.map(([{ remedy }]) => remedy)).toEqual([
      CLOCK,
      "Grant Write.",
      expect.stringContaining("max.message.bytes"),
      expect.stringContaining("brokers' log"),
    ]);
  });
});

describe("codeOf() of a record that is refused with its batch", () => {
  const invalid = { cause: { code: 87 } };

  test("logs the reason of the batch alone, whichever report comes first", () => {
    const { world, fail, lines } = arrange();

    expect(fail("broker_rejected", invalid)).toBe("broker_misconfigured");
    fail("broker_misconfigured", { remedy: CLOCK });
    world.nowMs = 5000;
    fail("broker_rejected", invalid);

    expect(lines.map(([{ remedy }]) => remedy)).toEqual([CLOCK]);
  });

  test("logs that records are judged as invalid when no other reason comes", () => {
    const { world, fail, lines } = arrange();

    fail("broker_rejected", invalid);
    world.nowMs = 2000;
    fail("broker_rejected", invalid);

    expect(lines.map(([{ remedy }]) => remedy)).toEqual([expect.stringContaining("brokers' log")]);
  });
});

describe("noteStored()", () => {
  test("logs the end once no broker refuses any more, and not while only some store", () => {
    const { world, fail, failures, lines } = arrange();
    fail("broker_misconfigured", { remedy: CLOCK });

    world.nowMs = 5000;
    failures.noteStored();
    const early = lines.length;
    world.nowMs = 11_000;
    failures.noteStored();
    failures.noteStored();

    expect(early).toBe(1);
    expect(lines.slice(1)).toEqual([[{ remedy: CLOCK }, "Kafka no longer refused events."]]);
  });
});
