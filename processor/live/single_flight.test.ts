import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import { singleFlight } from "./single_flight.ts";

const WAIT_MS = 20;
const START_MS = Date.parse("2026-01-31T07:00:00.000Z");

/** Options with a clock that the test moves. */
function given(onError: (error: unknown) => void = () => undefined) {
  const clock = { ms: 0 };
  const options = {
    wallNow: () => START_MS + clock.ms,
    monotonicNow: () => clock.ms,
    what: "look at the topic",
    lateCode: "broker_unavailable",
    onError,
  } as const;
  return { clock, options };
}

describe("singleFlight()", () => {
  test("singleFlight() reads again when a read failed at once, and reports defects", async () => {
    const errors: unknown[] = [];
    let reads = 0;
    const flight = singleFlight(given((error) => errors.push(error)).options, () => {
      reads += 1;
      if (reads === 1) throw new Error("defect");
      return Promise.resolve("answer");
    });

    expect(await flight.run(WAIT_MS)).toBeNull();
    expect(flight.state()).toBe("down");
    expect(await flight.run(WAIT_MS)).toBe("answer");
    expect(flight.state()).toBe("up");
    expect(errors).toHaveLength(1);
  });
  test("trouble() begins with the first read that hangs, and says why before the read ends", async () => {
    const { clock, options } = given();
    const hanging = Promise.withResolvers<string>();
    const flight = singleFlight(options, () => hanging.promise);
    await flight.run(WAIT_MS);

    clock.ms = 5000;
    const inTime = [flight.state(), flight.trouble()];
    clock.ms = 5001;
    const late = flight.trouble();
    clock.ms = 9000;
    hanging.reject(new PipelineError("broker_unavailable", "Cannot list offsets: timed out"));
    await flight.run(WAIT_MS);

    expect(inTime).toEqual(["unknown", null]);
    const code = "broker_unavailable";
    expect(late).toEqual({
      sinceMs: START_MS,
      lastError: {
        code,
        at: "2026-01-31T07:00:05.001Z",
        message: "Cannot look at the topic: no answer within 5 s",
      },
    });
    expect(flight.trouble()).toEqual({
      sinceMs: START_MS,
      lastError: {
        code,
        at: "2026-01-31T07:00:09.000Z",
        message: "Cannot list offsets: timed out",
      },
    });
  });

  test("trouble() ends with a read that succeeds, however late", async () => {
    const { clock, options } = given();
    const hanging = Promise.withResolvers<string>();
    const flight = singleFlight(options, () => hanging.promise);
    const answer = flight.run(1000);
    clock.ms = 6000;
    const late = flight.state();

    hanging.resolve("answer");

    expect(late).toBe("down");
    expect(await answer).toBe("answer");
    expect([flight.state(), flight.trouble()]).toEqual(["up", null]);
  });
});
