import { describe, expect, test } from "bun:test";
import { PipelineError, type ErrorCode } from "@tally/shared";
import type { Failures } from "../pipeline/sink_health.ts";
import { createSeenStates } from "./dependency_states.ts";

const NOW_MS = Date.parse("2026-01-31T07:00:00.000Z");
const BEGAN_MS = NOW_MS - 500;

/** How calls fail now: codes, with a remedy where an operator has to act. */
function failures(remedies: Partial<Record<ErrorCode, string | null>>): Failures {
  return new Map(
    Object.entries(remedies).map(([code, remedy]) => [
      code as ErrorCode,
      { remedy, message: `Cannot: ${code}`, sinceMs: BEGAN_MS },
    ]),
  );
}

describe("createSeenStates()", () => {
  test("createSeenStates() leaves out a dependency without any observation", () => {
    const seen = createSeenStates(() => NOW_MS);

    seen.answered("postgres");

    expect(seen.states()).toEqual({ postgres: "up" });
  });

  test("states() has the database down until no call of either sink fails because of it", () => {
    const seen = createSeenStates(() => NOW_MS);
    seen.answered("postgres");
    seen.failing("postgres", failures({ database_unavailable: null }));
    seen.failing("archive", failures({ database_unavailable: null }));

    seen.failing("postgres", new Map());
    const withOneLeft = seen.states();
    seen.failing("archive", new Map());

    expect(withOneLeft).toEqual({ postgres: "down" });
    expect(seen.states()).toEqual({ postgres: "up" });
  });

  test("states() shows the latest reason of a call that fails first because of the database, then the store", () => {
    const seen = createSeenStates(() => NOW_MS);
    seen.answered("postgres");
    seen.failing("archive", failures({ database_unavailable: null }));

    seen.failing("archive", failures({ archive_unavailable: null }));

    expect(seen.states()).toEqual({ postgres: "up", s3: "down" });
  });

  test("states() shows what Kafka refuses until each client was answered well", () => {
    const seen = createSeenStates(() => NOW_MS);
    const remedy = "Grant Read on the groups.";
    seen.kafka("topic", null);

    seen.kafka("postgres", new PipelineError("broker_misconfigured", "refused", { remedy }));
    const refused = [seen.states(), seen.remedies()];
    seen.kafka("topic", null);
    const stillRefused = seen.states();
    seen.kafka("postgres", null);
    seen.kafka("archive", new PipelineError("broker_unavailable", "a moment"));

    expect(refused).toEqual([{ kafka: "configuration" }, { kafka: remedy }]);
    expect(stillRefused).toEqual({ kafka: "configuration" });
    expect([seen.states(), seen.remedies()]).toEqual([{ kafka: "up" }, {}]);
  });

  test("states() blames neither for a failure of Kafka, and takes no success of a call for an answer", () => {
    const seen = createSeenStates(() => NOW_MS);
    seen.failed(new PipelineError("archive_unavailable", "away"), BEGAN_MS);

    seen.failing("archive", failures({ broker_unavailable: null }));
    seen.failing("archive", new Map());

    expect(seen.states()).toEqual({ s3: "down" });
  });

  test("states() shows what waits for an operator, with the remedy, beside an outage of the same store", () => {
    const seen = createSeenStates(() => NOW_MS);
    seen.failing("archive", failures({ archive_misconfigured: "Grant s3:PutObject." }));
    const alone = [seen.states(), seen.remedies()];

    seen.failing(
      "archive",
      failures({
        archive_unavailable: null,
        archive_misconfigured: "Grant s3:PutObject.",
        database_unavailable: null,
      }),
    );

    const expected = { s3: "configuration" } as const;
    const remedies = { s3: "Grant s3:PutObject." };
    expect(alone).toEqual([expected, remedies]);
    expect([seen.states(), seen.remedies()]).toEqual([{ ...expected, postgres: "down" }, remedies]);
  });

  test("remedies() forgets a remedy when the dependency answers", () => {
    const seen = createSeenStates(() => NOW_MS);
    seen.failed(
      new PipelineError("archive_misconfigured", "no", { remedy: "Grant it." }),
      BEGAN_MS,
    );
    const before = seen.remedies();

    seen.answered("s3");

    expect(before).toEqual({ s3: "Grant it." });
    expect([seen.states(), seen.remedies()]).toEqual([{ s3: "up" }, {}]);
  });

  test.each([
    ["database_unavailable", "down"],
    ["database_read_only", "down"],
    ["database_misconfigured", "configuration"],
  ] as const)("states() shows %s as %s", (code, state) => {
    const seen = createSeenStates(() => NOW_MS);

    seen.failing("postgres", failures({ [code]: null }));

    expect(seen.states().postgres).toBe(state);
  });

  test("errors() keeps the last error of each dependency when it answers again", () => {
    let nowMs = NOW_MS;
    const seen = createSeenStates(() => nowMs);
    seen.failing("archive", failures({ archive_unavailable: null }));
    nowMs += 1000;
    seen.failing("archive", failures({ archive_misconfigured: "Grant it." }));
    seen.kafka("topic", new PipelineError("broker_unavailable", "away"));

    seen.failing("archive", new Map());
    seen.answered("s3");
    seen.kafka("topic", null);

    const at = "2026-01-31T07:00:01.000Z";
    expect(seen.errors()).toEqual({
      s3: { code: "archive_misconfigured", at, message: "Cannot: archive_misconfigured" },
      kafka: { code: "broker_unavailable", at, message: "away" },
    });
  });

  test("errors() keeps no more of a message than a frame should carry", () => {
    const seen = createSeenStates(() => NOW_MS);

    seen.kafka("topic", new PipelineError("broker_unavailable", "x".repeat(5000)));

    expect(seen.errors().kafka?.message).toBe("x".repeat(300));
  });

  test("troubles() says when the first request began that failed, until one succeeds", () => {
    let nowMs = NOW_MS;
    const seen = createSeenStates(() => nowMs);
    seen.failed(new PipelineError("database_unavailable", "away"), NOW_MS - 5000);
    seen.failed(new PipelineError("database_unavailable", "away"), NOW_MS);
    seen.kafka("topic", new PipelineError("broker_unavailable", "away"));
    nowMs += 1000;
    seen.kafka("topic", new PipelineError("broker_unavailable", "away"));
    seen.failing("archive", failures({ archive_unavailable: null }));
    const troubles = seen.troubles();

    seen.answered("postgres");
    seen.kafka("topic", null);
    seen.failing("archive", new Map());

    expect(troubles).toEqual({ postgres: NOW_MS - 5000, kafka: NOW_MS, s3: BEGAN_MS });
    expect(seen.troubles()).toEqual({});
  });

  test("states() shows a silent store as down since its first request without an answer", () => {
    const silence = { sinceMs: NOW_MS - 8000, what: 'create object "a"' };
    const store = { is: silence as typeof silence | null };
    const seen = createSeenStates(() => NOW_MS, { silence: () => store.is });
    seen.answered("s3");

    const message = 'Cannot create object "a": no answer';
    const error = { code: "archive_unavailable", at: "2026-01-31T07:00:00.000Z", message };
    expect(seen.errors()).toEqual({ s3: error });
    expect([seen.states(), seen.troubles()]).toEqual([{ s3: "down" }, { s3: silence.sinceMs }]);
    seen.failing("archive", failures({ archive_unavailable: null }));
    expect(seen.troubles()).toEqual({ s3: silence.sinceMs });
    expect(seen.errors().s3?.message).toBe("Cannot: archive_unavailable");
    seen.failing("archive", new Map());
    store.is = null;
    expect([seen.states(), seen.troubles()]).toEqual([{ s3: "up" }, {}]);
  });
});
