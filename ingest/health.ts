/** Answers of the health routes. */
import { actuatorAnswer, readyAnswer, upOrDown } from "@tally/shared";

/** What health depends on. */
export interface Health {
  readonly isReachable: boolean;
  readonly isStopping: boolean;
}

/** Whether requests should be sent here: Kafka is reachable and the service isn't stopping. */
export function answerReady(health: Health): Response {
  return readyAnswer(isReady(health));
}

/** Every component by name. */
export function answerActuator(health: Health): Response {
  const { isReachable, isStopping } = health;
  const components = { kafka: { status: upOrDown(isReachable) } };
  return actuatorAnswer({ isUp: isReady(health), isStopping, components });
}

function isReady({ isReachable, isStopping }: Health): boolean {
  return isReachable && !isStopping;
}
