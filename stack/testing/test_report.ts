/** Reads the JUnit report of a test run: how many tests passed and failed, and which were slow. */

/** Totals of a run. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

/** One test and the time it took. */
export interface TimedTest {
  readonly file: string;
  readonly name: string;
  readonly seconds: number;
}

/** Totals of a report; a run that broke down before its end counts as a failure. */
export function readTotals(report: string, exitCode: number): Totals {
  const head = /<testsuites[^>]*>/.exec(report)?.[0] ?? "";
  const count = (name: string) => Number(attribute(head, name) ?? 0);
  const failures = count("failures");
  const failed = exitCode === 0 ? failures : Math.max(failures, 1);
  return { passed: Math.max(0, count("tests") - failures - count("skipped")), failed };
}

/** The slowest tests of a report, the slowest first; at most `testsMax`. */
export function slowestTests(report: string, testsMax: number): TimedTest[] {
  return [...report.matchAll(/<testcase\b[^>]*>/g)]
    .map(([element]) => ({
      file: attribute(element, "file") ?? "",
      name: attribute(element, "name") ?? "",
      seconds: Number(attribute(element, "time") ?? 0),
    }))
    .toSorted((left, right) => right.seconds - left.seconds)
    .slice(0, testsMax);
}

/** The slowest tests, one line per test: seconds, file, name. Empty without a test. */
export function slowestText(tests: readonly TimedTest[]): string {
  if (tests.length === 0) return "";
  const lines = tests.map(
    ({ file, name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${file}: ${name}`,
  );
  return [`The ${tests.length} slowest tests:`, ...lines, ""].join("\n");
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** An attribute of an element, or null when the element has none of this name. */
function attribute(element: string, name: string): string | null {
  const value = new RegExp(` ${name}="([^"]*)"`).exec(element)?.[1];
  if (value === undefined) return null;
  return value.replaceAll(/&(\w+);/g, (whole, entity: string) => ENTITIES[entity] ?? whole);
}
