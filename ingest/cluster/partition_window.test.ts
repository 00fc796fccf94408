import { describe, expect, test } from "bun:test";
import { PartitionWindow } from "./partition_window.ts";

const LIMITS = { bytesStart: 32_000, bytesMin: 4000, bytesMax: 1_000_000, deliveryMs: 2500 };

/**
 * Sends bodies whenever there is room, over a link of a given speed that delivers them in their
 * order, for a time. @returns The window, and the slowest delivery.
 */
function deliver(bytesPerMs: number, { bodyBytes = 1000, ms = 60_000 } = {}) {
  const window = new PartitionWindow(LIMITS);
  const sent: { ahead: number; sentAtMs: number; arrivesAtMs: number }[] = [];
  let slowestMs = 0;
  let freeAtMs = 0;
  for (let nowMs = 0; nowMs < ms; nowMs++) {
    for (let next = sent[0]; next !== undefined && next.arrivesAtMs <= nowMs; next = sent[0]) {
      sent.shift();
      const tookMs = nowMs - next.sentAtMs;
      slowestMs = Math.max(slowestMs, tookMs);
      window.release({ bytes: bodyBytes, ahead: next.ahead, tookMs, isStored: true });
    }
    while (window.hasRoom(bodyBytes)) {
      freeAtMs = Math.max(freeAtMs, nowMs) + bodyBytes / bytesPerMs;
      sent.push({ ahead: window.take(bodyBytes), sentAtMs: nowMs, arrivesAtMs: freeAtMs });
    }
  }
  return { window, slowestMs };
}

describe("PartitionWindow", () => {
  test("release() grows the window to what a slow link delivers in the wanted time", () => {
    const { window, slowestMs } = deliver(50);

    expect(window.bytesMax).toBeGreaterThan(50 * 2500 * 0.7);
    expect(window.bytesMax).toBeLessThan(50 * 2500 * 1.3);
    expect(slowestMs).toBeLessThan(4000);
  });

  test("release() shrinks the window when a link is slower than the first window allows", () => {
    expect(deliver(3).window.bytesMax).toBeLessThan(3 * 2500 * 1.3);
  });

  test("release() opens the window to its bound within a second when the link is fast", () => {
    expect(deliver(20_000, { ms: 1000 }).window.bytesMax).toBe(LIMITS.bytesMax);
  });

  test("release() never closes the window below its least size when deliveries fail", () => {
    const window = new PartitionWindow(LIMITS);

    for (let round = 0; round < 20; round++) {
      const ahead = window.take(1000);
      window.release({ bytes: 1000, ahead, tookMs: 10_000, isStored: false });
    }

    expect(window.bytesMax).toBe(LIMITS.bytesMin);
    expect(window.bytesInFlight).toBe(0);
  });

  test("release() leaves the window alone when it was not needed", () => {
    const window = new PartitionWindow(LIMITS);

    window.release({ bytes: 100, ahead: window.take(100), tookMs: 1, isStored: true });

    expect(window.bytesMax).toBe(LIMITS.bytesStart);
  });

  test("hasRoom() lets a body larger than the window go when nothing else waits", () => {
    const window = new PartitionWindow(LIMITS);

    expect(window.hasRoom(1_000_000)).toBe(true);
    window.take(1_000_000);
    expect(window.hasRoom(1)).toBe(false);
  });
});
