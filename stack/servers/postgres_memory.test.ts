import { expect, test } from "bun:test";
import { join } from "node:path";

import { memorySettings } from "./postgres_memory.ts";

const GIB = 1024 ** 3;

test.each([
  { gibibytes: 0.5, buffers: "128MB", cache: "256MB", wal: "1024MB" },
  { gibibytes: 1, buffers: "128MB", cache: "512MB", wal: "1024MB" },
  { gibibytes: 1.99, buffers: "128MB", cache: "1018MB", wal: "1024MB" },
  { gibibytes: 2, buffers: "512MB", cache: "1024MB", wal: "2048MB" },
  { gibibytes: 4, buffers: "1024MB", cache: "2048MB", wal: "4096MB" },
  { gibibytes: 8, buffers: "2048MB", cache: "4096MB", wal: "8192MB" },
  { gibibytes: 24, buffers: "6144MB", cache: "12288MB", wal: "8192MB" },
  { gibibytes: 256, buffers: "8192MB", cache: "131072MB", wal: "8192MB" },
])("memorySettings() gives $buffers of buffers when there are $gibibytes GiB", (each) => {
  expect(memorySettings(each.gibibytes * GIB)).toEqual({
    shared_buffers: each.buffers,
    effective_cache_size: each.cache,
    max_wal_size: each.wal,
    checkpoint_timeout: "15min",
  });
});

test("memorySettings() gives whole megabytes when the memory is no round number", () => {
  // What the kernel of a machine with 24 GiB reports.
  expect(memorySettings(25_276_514_304).shared_buffers).toBe("6026MB");
});

test("docs/operations.md has what memorySettings() gives", async () => {
  const page = await Bun.file(join(import.meta.dir, "../../docs/operations.md")).text();
  const [head = "", , ...rows] = page
    .slice(page.indexOf("| Memory "))
    .split("\n\n", 1)
    .join("")
    .split("\n")
    .map((row) =>
      row
        .replaceAll(/[|`]/g, " ")
        .trim()
        .split(/\s{2,}/),
    );

  const [, ...names] = head;
  expect(rows.length).toBeGreaterThan(3);
  for (const [memory = "", ...values] of rows) {
    const given = Object.fromEntries(names.map((name, index) => [name, values[index]]));
    expect({ memory, ...given }).toEqual({
      memory,
      ...memorySettings(Number(memory.replace(" GB", "")) * GIB),
    });
  }
});
