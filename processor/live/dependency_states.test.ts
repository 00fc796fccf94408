import { describe, expect, test } from "bun:test";
import { createSeenStates } from "./dependency_states.ts";

describe("createSeenStates()", () => {
  test("createSeenStates() leaves out what nobody has seen", () => {
    const seen = createSeenStates();

    seen.looked("postgres", true);

    expect(seen.states()).toEqual({ postgres: "up" });
  });

  test("states() has the database down until no call of either sink fails for its sake", () => {
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

  test("states() says the newest of a call that fails first for the database, then for the store", () => {
    const seen = createSeenStates();
    seen.looked("postgres", true);
    seen.failing("archive", new Set(["database_unavailable"]));

    seen.failing("archive", new Set(["archive_unavailable"]));

    expect(seen.states()).toEqual({ postgres: "up", s3: "down" });
  });

  test("states() takes no failure of Kafka for one of a dependency, and no success for a look", () => {
    const seen = createSeenStates();
    seen.looked("s3", false);

    seen.failing("archive", new Set(["broker_unavailable"]));
    seen.failing("archive", new Set());

    expect(seen.states()).toEqual({ s3: "down" });
  });
});
