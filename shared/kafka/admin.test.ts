import { describe, expect, test } from "bun:test";
import { askAgain } from "./admin.ts";
import { KAFKA_CODE } from "./connection.ts";

describe("askAgain()", () => {
  /** Fails with these codes, then answers. */
  function asking(...codes: number[]) {
    let asked = 0;
    return {
      count: () => asked,
      ask: () => {
        const code = codes[asked++];
        return code === undefined ? Promise.resolve("answer") : Promise.reject({ code });
      },
    };
  }

  test("askAgain() asks again when the client has replaced the broker", async () => {
    const { ask, count } = asking(KAFKA_CODE.brokerReplaced, KAFKA_CODE.brokerReplaced);

    expect(await askAgain(ask)).toBe("answer");
    expect(count()).toBe(3);
  });

  test("askAgain() rejects with the third failure, and with another one at once", async () => {
    const { brokerReplaced, topicExists } = KAFKA_CODE;
    const three = asking(brokerReplaced, brokerReplaced, brokerReplaced);
    const other = asking(topicExists);

    await expect(askAgain(three.ask)).rejects.toEqual({ code: brokerReplaced });
    await expect(askAgain(other.ask)).rejects.toEqual({ code: topicExists });
    expect([three.count(), other.count()]).toEqual([3, 1]);
  });
});
