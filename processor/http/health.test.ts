/** What the health routes say of a dependency that waits for an operator. */
import { expect, test } from "bun:test";
import { answerActuator, answerReady, type Health } from "./health.ts";

const since = "2026-01-31T07:00:00.000Z";
const up = { state: "up", since } as const;
const remedy = "Grant s3:PutObject.";
const refusing = { state: "configuration", since, remedy } as const;
const health = (changes: Partial<Health["dependencies"]>): Health => ({
  dependencies: { kafka: up, postgres: up, s3: up, ...changes },
  isStopping: false,
  isJoined: true,
  lostRecords: 0,
  otherGroups: [],
  dlqRemedy: null,
});

test("answerActuator() names a missing topic of dead letters, and stays UP", async () => {
  const waiting = { ...health({}), dlqRemedy: "Create the topic events.DLQ." };
  const answer = answerActuator(waiting);

  expect(answer.status).toBe(200);
  expect(answerReady(waiting).status).toBe(200);
  expect(await answer.json()).toMatchObject({
    status: "UP",
    components: {
      deadLetterTopic: {
        status: "CONFIGURATION",
        details: { remedy: "Create the topic events.DLQ." },
      },
    },
  });
});

test("answerActuator() names the other groups on the same tables, and stays UP", async () => {
  const answer = answerActuator({ ...health({}), otherGroups: ["tally-blue"] });

  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    status: "UP",
    components: {
      processors: { status: "CONFIGURATION", details: { otherGroups: ["tally-blue"] } },
    },
  });
});

test("answerActuator() says CONFIGURATION and what to change when a dependency refuses", async () => {
  const answer = answerActuator(health({ s3: refusing }));

  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({
    status: "DOWN",
    components: { s3: { status: "CONFIGURATION", details: { since, remedy } } },
  });
});

test("answerReady() needs PostgreSQL, and not the archive's store, to be more than configured", () => {
  expect(answerReady(health({ s3: refusing })).status).toBe(200);
  expect(answerReady(health({ postgres: refusing })).status).toBe(503);
});

test("answerActuator() warns of lost records and stays up: a restart would not bring them back", async () => {
  const answer = answerActuator({ ...health({}), lostRecords: 24_000 });

  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    status: "UP",
    components: { lostRecords: { status: "WARNING", details: { unacknowledged: 24_000 } } },
  });
});
