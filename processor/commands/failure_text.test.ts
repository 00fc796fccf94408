/** A command says how to go on when a service is down, and repeats nothing else. */
import { PipelineError } from "@tally/shared";
import { expect, test } from "bun:test";
import { failureText } from "./failure_text.ts";

test("failureText() asks whether the system runs when a service gives no answer", () => {
  const down = new PipelineError(
    "database_unavailable",
    "Cannot run statement: connect ECONNREFUSED",
  );

  expect(failureText(down)).toBe(
    'Cannot run statement: connect ECONNREFUSED\nIs it running? "bun run up" starts everything.\n',
  );
});

test("failureText() has the remedy of what waiting does not end", () => {
  const unfit = new PipelineError("config_invalid", "Cannot start", { remedy: "Set KAFKA_TOPIC." });

  expect(failureText(unfit)).toBe("Cannot start\nSet KAFKA_TOPIC.\n");
});
