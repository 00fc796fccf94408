/** Answers of the health routes. */
import { actuatorAnswer, readyAnswer, upOrDown } from "@tally/shared";
import type { Health } from "./processes/state.ts";

/** Whether requests should be sent here: Kafka stores events and the service isn't stopping. */
export function answerReady({ isReady, reason, isStopping }: Health): Response {
  return readyAnswer(isReady && !isStopping, isReady ? null : (reason?.text ?? null));
}

/**
 * Every component by name. Kafka's status is CONFIGURATION when an operator has to change
 * something; `remedy` or `reason` says what is wrong.
 */
export function answerActuator({ isReady, reason, isStopping }: Health): Response {
  const isWaiting = !isReady && reason?.isForOperator === true;
  const details = reason === null ? null : { [isWaiting ? "remedy" : "reason"]: reason.text };
  const kafka = {
    status: isWaiting ? "CONFIGURATION" : upOrDown(isReady),
    ...(details === null ? {} : { details }),
  };
  return actuatorAnswer({ isUp: isReady && !isStopping, isStopping, components: { kafka } });
}
