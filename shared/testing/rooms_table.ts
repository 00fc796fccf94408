/**
 * The rooms of each package (its folders), in the order in which they may import:
 * a file imports its own room and those before it. `rooms.test.ts` checks it.
 */

export interface PackageRooms {
  /** Folders at the top of the package, without `testing`. */
  readonly rooms: readonly string[];
  /** Whether the files at the top come before all rooms; otherwise after, and import all. */
  readonly isTopFirst: boolean;
  /** Files at a first top that import rooms all the same, and why. */
  readonly importsAll?: Readonly<Record<string, string>>;
}

/** The rooms by package. */
export const ROOMS: Readonly<Record<string, PackageRooms>> = {
  shared: {
    rooms: ["process", "config", "http", "database", "keys", "terminal", "kafka", "documents"],
    isTopFirst: true,
    importsAll: {
      "shared/mod.ts": "the surface of the package",
    },
  },
  ingest: {
    rooms: ["cluster", "quotas", "processes", "form", "keys", "events", "cloudevents", "segment"],
    isTopFirst: false,
  },
  processor: {
    rooms: [
      "database",
      "keys",
      "access",
      "counts",
      "pipeline",
      "dead_letters",
      "rows",
      "archive",
      "upkeep",
      "live",
      "queries",
      "http",
      "commands",
    ],
    isTopFirst: false,
  },
  client: { rooms: [], isTopFirst: true },
  stack: { rooms: ["machine", "servers", "up"], isTopFirst: false },
  dashboard: {
    rooms: [
      "address",
      "stream",
      "panels",
      "questions",
      "sign_in",
      "charts",
      "shell",
      "test_event",
      "views",
    ],
    isTopFirst: false,
  },
  bench: {
    rooms: ["system", "page", "driver", "load", "verify", "end_to_end", "micro", "compose", "api"],
    isTopFirst: false,
  },
};

/** Imports against the order, as "file imports file", and why they are there all the same. */
export const ROOM_EXCEPTIONS: Readonly<Record<string, string>> = {};

/** Programs that only tests use, outside of a `testing` folder. */
export const TEST_PROGRAMS: Readonly<Record<string, string>> = {
  "stack/run_tests.ts": "entry point of `test`",
  "bench/screenshots.ts": "entry point of `screenshots`",
  "bench/check_api.ts": "entry point of the check by programs of others",
};
