/** Answers of health checks, in Tally's own form and in that of Spring Boot. */

/** The routes that only say whether the service works. */
export const HEALTH_PATHS: ReadonlySet<string> = new Set([
  "/health/live",
  "/health/ready",
  "/actuator/health",
]);

/** One component of a service, as clients of Spring Boot read it. */
export interface ComponentHealth {
  readonly status: string;
  readonly details?: object;
}

/** What the answer in Spring Boot's form is made of. */
export interface ActuatorHealth {
  readonly isUp: boolean;
  readonly isStopping: boolean;
  readonly components: Readonly<Record<string, ComponentHealth>>;
}

/** `/health/ready`: whether requests should be sent here, and why not when that is known. */
export function readyAnswer(isReady: boolean, reason: string | null = null): Response {
  const body = { status: upOrDown(isReady), ...(reason === null ? {} : { reason }) };
  return Response.json(body, { status: isReady ? 200 : 503 });
}

/** `/actuator/health`, the demo's form: every component by name. */
export function actuatorAnswer({ isUp, isStopping, components }: ActuatorHealth): Response {
  const states = {
    readinessState: { status: isStopping ? "OUT_OF_SERVICE" : "UP" },
    livenessState: { status: "UP" },
  };
  const body = { status: upOrDown(isUp), components: { ...components, ...states } };
  return Response.json(body, { status: isUp ? 200 : 503 });
}

/** Spring Boot's words. */
export function upOrDown(isUp: boolean): "UP" | "DOWN" {
  return isUp ? "UP" : "DOWN";
}
