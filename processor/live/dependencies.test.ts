/** Since when a dependency does not work, why, and what is left of that once it works again. */
import { describe, expect, test } from "bun:test";
import { createDependencies, type Dependency } from "./dependencies.ts";
import type { DependencyState, LastError } from "./dependency_states.ts";
import type { Trouble } from "./single_flight.ts";

const START_MS = Date.parse("2026-01-31T07:00:00.000Z");
const at = (seconds: number): string => new Date(START_MS + seconds * 1000).toISOString();
const atMs = (seconds: number): number => START_MS + seconds * 1000;

/** What the sources say now; a test changes it. */
class Sources {
  seconds = 0;
  s3: DependencyState = "up";
  kafka: DependencyState = "up";
  trouble: Trouble | null = null;
  troubles: Partial<Record<Dependency, number>> = {};
  errors: Partial<Record<Dependency, LastError>> = {};

  readonly dependencies = createDependencies({
    wallNow: () => atMs(this.seconds),
    archiveEnabled: true,
    states: () => ({ s3: this.s3 }),
    troubles: () => this.troubles,
    errors: () => this.errors,
    reads: {
      kafka: { state: () => this.kafka, trouble: () => this.trouble },
      postgres: { state: () => "up", trouble: () => null },
    },
  });

  /** The dependencies at a moment. */
  look(seconds: number, changes: Partial<Sources> = {}) {
    Object.assign(this, { seconds, ...changes });
    return this.dependencies();
  }
}

const NO_ANSWER = { code: "archive_unavailable", message: "Cannot reach: no answer" };

describe("createDependencies()", () => {
  test("a dependency is down since its first request that failed, not since that was noticed", () => {
    const sources = new Sources();
    sources.look(0);
    const errors = { s3: { ...NO_ANSWER, at: at(16) } };

    const { s3 } = sources.look(16, { s3: "down", troubles: { s3: atMs(10) }, errors });
    const later = sources.look(40, { troubles: { s3: atMs(12) } });

    expect(s3).toEqual({ state: "down", since: at(10), lastError: errors.s3 });
    expect(later.s3).toEqual(s3);
  });

  test("the earlier of two observers says since when, and the later one why", () => {
    const sources = new Sources();
    sources.look(0);
    const lastError = { code: "broker_unavailable", at: at(9), message: "Cannot look: no answer" };
    const errors = { kafka: { ...lastError, at: at(8), message: "Cannot describe" } };

    const trouble = { sinceMs: atMs(4), lastError };
    const troubles = { kafka: atMs(8) };
    const { kafka } = sources.look(9, { kafka: "down", trouble, troubles, errors });

    expect(kafka).toEqual({ state: "down", since: at(4), lastError });
  });

  test("an outage that is over stays known, with its cause, until the next one is over", () => {
    const sources = new Sources();
    sources.look(0);
    const errors = { s3: { ...NO_ANSWER, at: at(16) } };
    sources.look(16, { s3: "down", troubles: { s3: atMs(10) }, errors });

    const after = sources.look(130, { s3: "up", troubles: {} });
    const lastOutage = { from: at(10), to: at(130), ...NO_ANSWER };
    const again = sources.look(200, { s3: "down", troubles: { s3: atMs(199) } });
    const second = sources.look(210, { s3: "up", troubles: {} });

    expect(after.s3).toMatchObject({ state: "up", since: at(130), lastOutage });
    expect(again.s3).toMatchObject({ state: "down", since: at(199), lastOutage });
    // Its own error never came, and that of the first is not its cause.
    expect(second.s3.lastOutage).toEqual({ from: at(199), to: at(210) });
  });

  test("one outage is a dependency that is down, then refuses, then is not known", () => {
    const sources = new Sources();
    sources.look(0, { s3: "unknown" });
    sources.look(1, { s3: "down" });
    sources.look(2, { s3: "configuration" });
    sources.look(3, { s3: "unknown" });

    const { s3 } = sources.look(4, { s3: "up" });

    expect(s3.lastOutage).toEqual({ from: at(1), to: at(4) });
  });

  test("a dependency that was not known before has had no outage", () => {
    const sources = new Sources();
    sources.look(0, { s3: "unknown" });

    expect(sources.look(1, { s3: "up" }).s3).toEqual({ state: "up", since: at(1) });
  });

  test("since never lies before the last change, nor in the future, whatever a clock has done", () => {
    const sources = new Sources();
    sources.look(0);
    sources.look(10, { s3: "down", troubles: { s3: atMs(5) } });
    sources.look(20, { s3: "up", troubles: {} });

    const before = sources.look(21, { s3: "down", troubles: { s3: atMs(3) } });
    expect(before.s3.since).toBe(at(20));
    sources.look(30, { s3: "up", troubles: {} });
    expect(sources.look(31, { s3: "down", troubles: { s3: atMs(900) } }).s3.since).toBe(at(31));
  });
});
