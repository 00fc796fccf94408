import { describe, expect, test } from "bun:test";
import { PipelineError } from "@tally/shared";
import { createSeenStates } from "./seen_states.ts";

const DATABASE_AWAY = new PipelineError("database_unavailable", "away");
const STORE_AWAY = new PipelineError("archive_unavailable", "away");

describe("createSeenStates()", () => {
  test("createSeenStates() leaves out what nobody has seen", () => {
    const seen = createSeenStates();

    seen.worked("archive", "postgres");

    expect(seen.states()).toEqual({ postgres: "up" });
  });

  test("states() has the database down until each sink that saw it fail sees it answer", () => {
    const seen = createSeenStates();
    seen.failed("postgres", DATABASE_AWAY);
    seen.failed("archive", DATABASE_AWAY);

    seen.worked("postgres", "postgres");
    const withOneLeft = seen.states();
    seen.worked("archive", "postgres");

    expect(withOneLeft).toEqual({ postgres: "down" });
    expect(seen.states()).toEqual({ postgres: "up" });
  });

  test("failed() of one dependency says nothing of the other, nor of Kafka", () => {
    const seen = createSeenStates();
    seen.worked("archive", "postgres");
    seen.failed("archive", STORE_AWAY);

    seen.failed("archive", new PipelineError("broker_unavailable", "away"));

    expect(seen.states()).toEqual({ postgres: "up", s3: "down" });
  });
});
