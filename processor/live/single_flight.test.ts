import { describe, expect, test } from "bun:test";
import { singleFlight } from "./single_flight.ts";

const WAIT_MS = 20;

describe("singleFlight()", () => {
  test("singleFlight() reads again when a read failed at once, and reports defects", async () => {
    const errors: unknown[] = [];
    let reads = 0;
    const flight = singleFlight({ now: () => 0, onError: (error) => errors.push(error) }, () => {
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
});
