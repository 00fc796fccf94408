/** Every metric is exposed by its service, is named by the rules, and is expected by a test. */
import { expect, test } from "bun:test";
import { createMetrics, METRICS } from "./metrics.ts";
import { findRepositoryFiles, readRepositoryFile } from "./testing/markdown.ts";
import { hasValueOf } from "./testing/metric_values.ts";

const SERVICES = ["ingest", "processor"] as const;

test.each(SERVICES)(
  "createMetrics() exposes every row of %s and none of the other's",
  async (service) => {
    const text = await createMetrics(service).expose();

    const exposed = [...text.matchAll(/^# TYPE ((?:ingest|processor)_\w+) (\w+)$/gm)];
    expect(exposed.map(([, name, type]) => [name, type])).toEqual(
      Object.entries(METRICS)
        .filter(([name]) => name.startsWith(`${service}_`))
        .map(([name, { type }]) => [name, type]),
    );
  },
);

test("createMetrics() counts apart from another one of the same service", async () => {
  const one = createMetrics("ingest");
  const other = createMetrics("ingest");

  one.ingest_events_rejected_total.inc({ code: "invalid_body" }, 2);

  expect(await one.expose()).toContain('ingest_events_rejected_total{code="invalid_body"} 2');
  expect(await other.expose()).not.toContain("invalid_body");
});

test("METRICS follows the naming: service, noun, unit, and total for counters", () => {
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    expect(name).toMatch(/^(ingest|processor)_[a-z_]+$/);
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
    expect(help).toEndWith(".");
  }
});

test("createMetrics() exposes memory, time and start of the process, and costs next to nothing", async () => {
  const metrics = createMetrics("processor");
  await metrics.expose();
  let text = "";
  let leastUs = Infinity;
  // The least of several: other threads of this process count as well.
  for (let round = 0; round < 5; round += 1) {
    const before = process.cpuUsage();
    text = await metrics.expose();
    leastUs = Math.min(leastUs, process.cpuUsage(before).user);
  }

  expect(leastUs).toBeLessThan(20_000);
  for (const name of ["resident_memory_bytes", "cpu_seconds_total", "start_time_seconds"]) {
    expect(text).toMatch(new RegExp(`^process_${name} [0-9.]*[1-9]`, "m"));
  }
  expect(text).not.toMatch(/ NaN$/im);
});

test("METRICS has no row that no test expects a value of", () => {
  const texts = findRepositoryFiles("{ingest,processor}/**/*.test.ts").map(readRepositoryFile);

  const names = Object.keys(METRICS);

  expect(names.filter((name) => !texts.some((text) => hasValueOf(text, name)))).toEqual([]);
});
