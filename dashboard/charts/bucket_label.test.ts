/** Bars in words. */
import { describe, expect, test } from "bun:test";
import { windowOf } from "../questions/window.ts";
import { barInUtc, barLabel } from "./bucket_label.ts";

const now = { nowMs: Date.parse("2026-11-29T09:14:31Z"), zone: "Europe/Berlin" };

describe("barLabel()", () => {
  test("says where a first bar begins that is a part of its hour, and nothing of the others", () => {
    const window = windowOf("24h", now);

    expect(barLabel(window, 0, now.zone)).toBe("Sat 28 Nov, 10:00, from 10:14 on");
    expect(barLabel(window, 1, now.zone)).toBe("Sat 28 Nov, 11:00");
  });

  test("names the day of a bar that is longer than one", () => {
    expect(barLabel(windowOf("12mo", now), 0, now.zone)).toBe(
      "November 2025, from 29 Nov, 10:00 on",
    );
  });
});

test("barInUtc() gives the ends of what a bar holds", () => {
  const window = windowOf("24h", now);

  expect(barInUtc(window, 0)).toBe("2026-11-28 09:14:00 to 2026-11-28 10:00:00 UTC");
  expect(barInUtc(window, 24)).toBe("2026-11-29 09:00:00 to 2026-11-29 10:00:00 UTC");
});
