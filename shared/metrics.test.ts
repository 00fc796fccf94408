import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createMetrics, METRICS } from "./metrics.ts";

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

test("createMetrics() tells memory, time and start of the process, and costs next to nothing", async () => {
  const metrics = createMetrics("processor");
  await metrics.expose();
  const before = process.cpuUsage();

  const text = await metrics.expose();

  expect(process.cpuUsage(before).user).toBeLessThan(20_000);
  for (const name of ["resident_memory_bytes", "cpu_seconds_total", "start_time_seconds"]) {
    expect(text).toMatch(new RegExp(`^process_${name} [0-9.]*[1-9]`, "m"));
  }
  expect(text).not.toMatch(/ NaN$/im);
});

describe("the README's metrics of the promises", () => {
  const root = join(import.meta.dir, "..");
  const rows = readFileSync(join(root, "README.md"), "utf8")
    .split("\n")
    .filter((line) => /^\| P\d+ /.test(line));

  test.each(rows.map((row) => [/P\d+/.exec(row)?.[0] ?? "", row] as const))(
    "%s names metrics that exist, and for each a test that expects a value of it",
    (_, row) => {
      const names = [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? "");
      const tests = [...row.matchAll(/\]\(([\w/.]+)\)/g)].map(([, path]) =>
        readFileSync(join(root, path ?? ""), "utf8"),
      );

      expect(names.filter((name) => !Object.hasOwn(METRICS, name))).toEqual([]);
      expect(names.filter((name) => !tests.some((text) => hasValueOf(text, name)))).toEqual([]);
    },
  );

  test("has a row for each promise", () => {
    const promises = rows.map((row) => /P(\d+)/.exec(row)?.[1]);

    expect(promises).toEqual(Array.from({ length: 13 }, (_, index) => String(index + 1)));
  });
});

test("METRICS has no row that no test expects a value of", async () => {
  const root = join(import.meta.dir, "..");
  const paths = await Array.fromAsync(new Glob("{ingest,processor}/**/*.test.ts").scan(root));
  const texts = paths.map((path) => readFileSync(join(root, path), "utf8"));

  const names = Object.keys(METRICS);

  expect(names.filter((name) => !texts.some((text) => hasValueOf(text, name)))).toEqual([]);
});

/** A metric in a test: whole, as exposed, or without the service's name. */
function hasValueOf(text: string, name: string): boolean {
  const short = name.replace(/^[a-z]+_/, "");
  return new RegExp(`["'\`\\s.](?:${name}|${short})(?:_count)?["'\`\\s{.]`).test(text);
}
