import { describe, expect, test } from "bun:test";
import { actuatorAnswer, readyAnswer } from "./health.ts";

describe("readyAnswer()", () => {
  test.each([
    [true, 200, "UP"],
    [false, 503, "DOWN"],
  ] as const)("readyAnswer(%p) is %i", async (isReady, status, word) => {
    const answer = readyAnswer(isReady);

    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ status: word });
  });
});

describe("actuatorAnswer()", () => {
  const components = { kafka: { status: "UP" } };

  test("actuatorAnswer() shows every component beside the states of the process", async () => {
    const answer = actuatorAnswer({ isUp: true, isStopping: false, components });

    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: "UP",
      components: {
        kafka: { status: "UP" },
        readinessState: { status: "UP" },
        livenessState: { status: "UP" },
      },
    });
  });

  test("actuatorAnswer() is 503 and out of service when the service stops", async () => {
    const answer = actuatorAnswer({ isUp: false, isStopping: true, components });

    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      status: "DOWN",
      components: { readinessState: { status: "OUT_OF_SERVICE" }, livenessState: { status: "UP" } },
    });
  });
});
