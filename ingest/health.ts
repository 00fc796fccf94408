/** Answers of the health routes. */
import { actuatorAnswer, readyAnswer, upOrDown, type ComponentHealth } from "@tally/shared";
import type { Health, KeysHealth } from "./processes/state.ts";

/** Whether requests should be sent here: Kafka stores events, keys are known, and no stop. */
export function answerReady({ isReady, reason, isStopping, keys }: Health): Response {
  const areKeysKnown = keys?.isReady !== false;
  const reasons = [isReady ? null : reason?.text, areKeysKnown ? null : keys?.reason];
  const text = reasons.filter(Boolean).join("; ");
  return readyAnswer(isReady && areKeysKnown && !isStopping, text === "" ? null : text);
}

/**
 * Every component by name. Kafka's status is CONFIGURATION when an operator has to change
 * something; `remedy` or `reason` says what is wrong.
 */
export function answerActuator({ isReady, reason, isStopping, keys }: Health): Response {
  const { text = null, isForOperator = false } = reason ?? {};
  const components = {
    kafka: componentOf({ isReady, reason: text, isForOperator }),
    ...(keys === null ? {} : { keys: componentOf(keys) }),
  };
  const isUp = isReady && keys?.isReady !== false && !isStopping;
  return actuatorAnswer({ isUp, isStopping, components });
}

function componentOf({ isReady, reason, isForOperator }: KeysHealth): ComponentHealth {
  const isWaiting = !isReady && isForOperator;
  const details = reason === null ? null : { [isWaiting ? "remedy" : "reason"]: reason };
  return {
    status: isWaiting ? "CONFIGURATION" : upOrDown(isReady),
    ...(details === null ? {} : { details }),
  };
}
