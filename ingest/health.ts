/** What ingest says about its health, in its own form and in Spring Boot's. */

/** What health depends on. */
export interface Health {
  readonly isReachable: boolean;
  readonly isStopping: boolean;
}

/** Whether requests should be sent here: Kafka is reachable and the service isn't stopping. */
export function readyAnswer({ isReachable, isStopping }: Health): Response {
  const isReady = isReachable && !isStopping;
  return Response.json({ status: upOrDown(isReady) }, { status: isReady ? 200 : 503 });
}

/** The demo's form: every component by name. */
export function actuatorAnswer({ isReachable, isStopping }: Health): Response {
  const components = {
    kafka: { status: upOrDown(isReachable) },
    readinessState: { status: isStopping ? "OUT_OF_SERVICE" : "UP" },
    livenessState: { status: "UP" },
  };
  const isUp = isReachable && !isStopping;
  return Response.json({ status: upOrDown(isUp), components }, { status: isUp ? 200 : 503 });
}

function upOrDown(isUp: boolean): "UP" | "DOWN" {
  return isUp ? "UP" : "DOWN";
}
