import { describe, expect, test } from "bun:test";
import { createSeenStates } from "./dependency_states.ts";

describe("createSeenStates()", () => {
  test("createSeenStates() leaves out a dependency without any observation", () => {
    const seen = createSeenStates();

    seen.looked("postgres", true);

    expect(seen.states()).toEqual({ postgres: "up" });
  });

  test("states() has the database down until no call of either sink fails because of it", () => {
    const seen = createSeenStates();
    seen.looked("postgres", true);
    seen.failing("postgres", new Set(["database_unavailable"]));
    seen.failing("archive", new Set(["database_unavailable"]));

    seen.failing("postgres", new Set());
    const withOneLeft = seen.states();
    seen.failing("archive", new Set());

    expect(withOneLeft).toEqual({ postgres: "down" });
    expect(seen.states()).toEqual({ postgres: "up" });
  });

  test("states() shows the latest reason of a call that fails first because of the database, then the store", () => {
    const seen = createSeenStates();
    seen.looked("postgres", true);
    seen.failing("archive", new Set(["database_unavailable"]));

    seen.failing("archive", new Set(["archive_unavailable"]));

    expect(seen.states()).toEqual({ postgres: "up", s3: "down" });
  });

  test("states() blames neither for a failure of Kafka, and takes no success of a call for an answer", () => {
    const seen = createSeenStates();
    seen.looked("s3", false);

    seen.failing("archive", new Set(["broker_unavailable"]));
    seen.failing("archive", new Set());

    expect(seen.states()).toEqual({ s3: "down" });
  });
});
