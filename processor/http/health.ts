/** Answers of the health routes. */
import {
  actuatorAnswer,
  readyAnswer,
  type ComponentHealth,
  type MetricsFrame,
} from "@tally/shared";

/** What health depends on. */
export interface Health {
  readonly dependencies: MetricsFrame["dependencies"];
  readonly isStopping: boolean;
  /** Whether the rows' pipeline has joined its group. */
  readonly isJoined: boolean;
  /** Groups of other processors on the same tables. */
  readonly otherGroups: readonly string[];
  /** Records that Kafka deleted before they were read, and that no operator has acknowledged. */
  readonly lostRecords: number;
  /** What to change so that dead letters reach their topic, or null when it is there. */
  readonly dlqRemedy: string | null;
}

/** Whether viewers should be sent here: rows can be read and written, and no stop has begun. */
export function answerReady(health: Health): Response {
  return readyAnswer(isWorking(health));
}

/**
 * Every dependency by name. Without S3 rows are still written, but the status is DOWN. The status
 * CONFIGURATION comes with `remedy`: what an operator has to change. Lost records are a component
 * that warns and leaves the status as it is: a restart would not bring them back.
 */
export function answerActuator(health: Health): Response {
  const { dependencies, isStopping, otherGroups, lostRecords, dlqRemedy } = health;
  const components: Record<string, ComponentHealth> = Object.fromEntries(
    Object.entries(dependencies)
      .filter(([, { state }]) => state !== "off")
      .map(([name, { state, ...details }]) => [name, { status: state.toUpperCase(), details }]),
  );
  // Every row and line is right, so the status as a whole stays.
  if (otherGroups.length > 0) {
    const details = { otherGroups, remedy: GROUPS_REMEDY };
    components["processors"] = { status: "CONFIGURATION", details };
  }
  // Rows are written, and the dead letters are in their table.
  if (dlqRemedy !== null) {
    components["deadLetterTopic"] = { status: "CONFIGURATION", details: { remedy: dlqRemedy } };
  }
  const isArchiving = !["down", "configuration"].includes(dependencies.s3.state);
  const isUp = isWorking(health) && isArchiving;
  return actuatorAnswer({
    isUp,
    isStopping,
    components: { ...components, ...losses(lostRecords) },
  });
}

function losses(lostRecords: number) {
  if (lostRecords === 0) return {};
  const remedy = 'Lengthen the retention, then run "bun run positions acknowledge".';
  return { lostRecords: { status: "WARNING", details: { unacknowledged: lostRecords, remedy } } };
}

const GROUPS_REMEDY =
  "Give all processors the same PROCESSOR_GROUP_PREFIX: every record is processed once per group.";

function isWorking({ dependencies, isStopping, isJoined }: Health): boolean {
  const { kafka, postgres } = dependencies;
  return kafka.state === "up" && postgres.state === "up" && isJoined && !isStopping;
}
