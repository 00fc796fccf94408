import { expect, test } from "bun:test";
import { join } from "node:path";

import { FAMILY, resultOf, roundOf } from "../testing/results.ts";
import { performancePage } from "./performance_page.ts";
import { PERFORMANCE_PAGE, wantedPerformancePage } from "./write_performance_page.ts";

const ROOT = join(import.meta.dir, "..", "..", "..");

test('docs/performance.md matches the newest full result (else run "bun run doc")', async () => {
  const written = await Bun.file(join(ROOT, PERFORMANCE_PAGE)).text();

  expect(written).toBe(await wantedPerformancePage(ROOT));
});

test("performancePage() shows every figure with its median, rounds, ratio and the machine", () => {
  const rounds = [70_000, 90_000, 85_000].map((rows) => roundOf({ copy: 100_000, rows, p99: 9 }));

  const text = performancePage([FAMILY], { full: resultOf(rounds), growth: null });

  expect(text).toContain(
    "| drain to rows | 85,000 events/s | 70,000, 90,000, 85,000 | ≥ 100,000 events/s | 0.85 of copy | 0.80 | meets |",
  );
  expect(text).toContain("2026-01-31, commit abc, bun 1.4.5: 2 cores (A CPU), 24 GiB, Linux 6");
  expect(text).toContain("| decodeRecord() | 2.35 µs |");
});

test("performancePage() says that there is no full run yet when there is none", () => {
  expect(performancePage([FAMILY], { full: null, growth: null })).toContain(
    "There was no full run yet.",
  );
});

test("performancePage() leaves out a figure that is newer than the result", () => {
  const older = [roundOf({ copy: 100_000, rows: 85_000 })];

  const text = performancePage([FAMILY], { full: resultOf(older), growth: null });

  expect(text).toContain("| drain to rows |");
  expect(text).not.toContain("| latency, p99 |");
});

test("performancePage() leaves out a family when the run measured none of its figures", () => {
  const older = resultOf([{ values: { renamed: 1 }, problems: [], sizes: {} }]);

  const text = performancePage([FAMILY], { full: older, growth: null });

  expect(text).not.toContain(`### \`${FAMILY.name}\``);
});
