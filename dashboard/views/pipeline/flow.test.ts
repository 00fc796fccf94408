/** The edges of the diagram, with every way in which one backs up. */
import { describe, expect, test } from "bun:test";
import { fakeFrame, fakePartition } from "../../testing/fake_frame.ts";
import { edgesOf, logRate, pastEdge } from "./flow.ts";

const since = "2026-01-31T07:00:00.000Z";
const edges = (changes: Parameters<typeof fakeFrame>[0] = {}) =>
  Object.fromEntries(edgesOf(fakeFrame(changes), null).map((edge) => [edge.name, edge]));

describe("edgesOf()", () => {
  test("edgesOf() says that all keeps up when it does", () => {
    const { log, rows, archive } = edges();

    expect(log).toMatchObject({ level: "good", perSecond: null });
    expect(rows).toMatchObject({ level: "good", words: "Nothing waits.", waiting: 0 });
    expect(archive).toMatchObject({ level: "good", waiting: 1007, ageSeconds: 4.2 });
  });

  test("edgesOf() says how many wait and how long when a step backs up", () => {
    const partitions = [fakePartition(0, { lag: 500, lagSeconds: 75 }), fakePartition(1)];
    const late = { ...fakeFrame().archive, oldestUnarchivedSeconds: 600 };

    const { rows, archive } = edges({ lag: 500, partitions, archive: late });

    expect(rows).toMatchObject({
      level: "notice",
      words: "Backs up: 500 records wait, the oldest for 1 min 15 s.",
    });
    expect(archive?.words).toBe("Backs up: 1,007 rows wait, the oldest for 10 min.");
  });

  test("edgesOf() names the dependency that is down, and what that means", () => {
    const down = { state: "down", since } as const;
    const refuses = { state: "configuration", remedy: "Grant it.", since } as const;

    const { log, rows, archive } = edges({
      dependencies: { kafka: down, postgres: down, s3: refuses },
    });

    expect(log?.words).toBe("Kafka is down: ingest answers 503 until it is back.");
    expect(rows?.words).toBe("PostgreSQL is down: events wait in the log, none is lost.");
    expect(archive?.words).toContain("S3 refuses: Grant it.");
    expect([log?.level, rows?.level, archive?.level]).toEqual(["bad", "bad", "bad"]);
  });

  test("edgesOf() tells what is unknown, stopped and off apart", () => {
    const partitions = [fakePartition(0, { lag: null, lagSeconds: null })];
    expect(edges({ lag: null, partitions })["rows"]?.level).toBe("unknown");
    expect(edges({ partitions: [fakePartition(0, { stopped: "x" })] })["rows"]?.words).toBe(
      "1 partition stopped: an operator decides.",
    );
    const off = { ...fakeFrame().archive, enabled: false };
    expect(edges({ archive: off })["archive"]).toMatchObject({ level: "off", waiting: null });
  });
});

describe("logRate()", () => {
  const at = (ts: string, highWatermark: string | null) =>
    fakeFrame({ ts, partitions: [fakePartition(0, { highWatermark }), fakePartition(1)] });

  test("logRate() is the growth of the log between two frames", () => {
    const before = at("2026-01-31T07:00:00.000Z", "100");

    expect(logRate(at("2026-01-31T07:00:02.000Z", "400"), before)).toBe(150);
  });

  test("logRate() is unknown when an end is, when the log was replaced, and at first", () => {
    const before = at("2026-01-31T07:00:00.000Z", "100");

    expect(logRate(at("2026-01-31T07:00:01.000Z", null), before)).toBeNull();
    expect(logRate(at("2026-01-31T07:00:01.000Z", "5"), before)).toBeNull();
    expect(logRate(before, before)).toBeNull();
    expect(logRate(before, null)).toBeNull();
  });
});

test("pastEdge() takes back what the last frame said of now", () => {
  const [, rows] = edgesOf(fakeFrame(), null).map(pastEdge);

  expect(rows).toMatchObject({ level: "unknown", words: "Last known: Nothing waits." });
});
