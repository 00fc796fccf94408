import { describe, expect, test } from "bun:test";
import type { Reason } from "../cluster/reason.ts";
import { mergeHealth, type Health } from "./state.ts";

const REASON: Reason = { kind: "k", text: "no broker answers", detail: "", isForOperator: false };
const READY: Health = { isReady: true, reason: null, isStopping: false, keys: null };
const UNREADY: Health = { isReady: false, reason: REASON, isStopping: false, keys: null };

describe("mergeHealth()", () => {
  test("is ready, and names the reason of the other, when one of two is", () => {
    expect(mergeHealth([UNREADY, READY])).toEqual({ ...READY, reason: REASON });
  });

  test("is not ready when none is", () => {
    expect(mergeHealth([UNREADY, UNREADY])).toEqual(UNREADY);
  });

  test("does not count one that stops as ready", () => {
    const stopping = { ...READY, isStopping: true };

    expect(mergeHealth([stopping, UNREADY])).toEqual(UNREADY);
    expect(mergeHealth([stopping, READY])).toEqual(READY);
  });

  test("stops when all do", () => {
    const stopping = { ...READY, isStopping: true };

    expect(mergeHealth([stopping, stopping])).toEqual(stopping);
  });

  test("is not ready when nobody answers", () => {
    expect(mergeHealth([])).toEqual({
      isReady: false,
      reason: null,
      isStopping: false,
      keys: null,
    });
  });
});

describe("mergeHealth() of keys", () => {
  const known = { isReady: true, reason: null, isForOperator: false };
  const unknown = { isReady: false, reason: "none are known", isForOperator: true };
  const of = (...keys: (typeof known | typeof unknown)[]) =>
    mergeHealth(keys.map((each) => ({ ...READY, keys: each }))).keys;

  test("mergeHealth() is ready when one process knows keys, and says what is wrong with others", () => {
    expect(of(known, known)).toEqual(known);
    expect(of(known, unknown)).toEqual({ ...unknown, isReady: true });
    expect(of(unknown, unknown)).toEqual(unknown);
    expect(mergeHealth([READY]).keys).toBeNull();
  });
});
