/** What the processor says about its health, in its own form and in Spring Boot's. */
import type { MetricsFrame } from "@tally/shared";

/** What health depends on. */
export interface Health {
  readonly dependencies: MetricsFrame["dependencies"];
  readonly isStopping: boolean;
  /** Whether the rows' pipeline has joined its group. */
  readonly isJoined: boolean;
}

/**
 * Whether viewers should be sent here: rows can be read and written, and the service isn't
 * stopping.
 */
export function readyAnswer(health: Health): Response {
  const isReady = isWorking(health);
  return Response.json({ status: upOrDown(isReady) }, { status: isReady ? 200 : 503 });
}

/**
 * The demo's form: every component by name. Without the store rows go on, but the whole is not
 * well.
 */
export function actuatorAnswer(health: Health): Response {
  const { dependencies, isStopping } = health;
  const components = Object.fromEntries(
    Object.entries(dependencies)
      .filter(([, { state }]) => state !== "off")
      .map(([name, { state, since }]) => [
        name,
        { status: state.toUpperCase(), details: { since } },
      ]),
  );
  const isUp = isWorking(health) && dependencies.s3.state !== "down";
  return Response.json(
    {
      status: upOrDown(isUp),
      components: {
        ...components,
        readinessState: { status: isStopping ? "OUT_OF_SERVICE" : "UP" },
        livenessState: { status: "UP" },
      },
    },
    { status: isUp ? 200 : 503 },
  );
}

function isWorking({ dependencies, isStopping, isJoined }: Health): boolean {
  const { kafka, postgres } = dependencies;
  return kafka.state === "up" && postgres.state === "up" && isJoined && !isStopping;
}

function upOrDown(isUp: boolean): "UP" | "DOWN" {
  return isUp ? "UP" : "DOWN";
}
