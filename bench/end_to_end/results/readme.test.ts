import { expect, test } from "bun:test";
import { join } from "node:path";

import { readmeText } from "./readme.ts";
import { FAMILY, resultOf, roundOf } from "../testing/results.ts";
import { wantedReadme } from "./write_readme.ts";

const ROOT = join(import.meta.dir, "..", "..", "..");

test('bench/README.md is what the newest full result gives (else run "bun run doc")', async () => {
  const written = await Bun.file(join(ROOT, "bench", "README.md")).text();

  expect(written).toBe(await wantedReadme(ROOT));
});

test("readmeText() has every figure with its median, its rounds, its ratio and the machine", () => {
  const rounds = [70_000, 90_000, 85_000].map((rows) => roundOf({ copy: 100_000, rows, p99: 9 }));

  const text = readmeText([FAMILY], { full: resultOf(rounds), growth: null });

  expect(text).toContain(
    "| drain to rows | 85,000 events/s | 70,000, 90,000, 85,000 | ≥ 100,000 events/s | 0.85 of copy | 0.80 | meets |",
  );
  expect(text).toContain("2026-01-31, commit abc, bun 1.4.5: 2 cores (A CPU), 24 GiB, Linux 6");
  expect(text).toContain("| decodeRecord() | 2.35 µs |");
});

test("readmeText() says that there is nothing to say without a full run", () => {
  expect(readmeText([FAMILY], { full: null, growth: null })).toContain(
    "There was no full run yet.",
  );
});
