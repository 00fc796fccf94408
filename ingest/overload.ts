/**
 * When a request is refused before its body is read, because what is taken already is enough for
 * now, and when its sender should come again.
 */
import type { Admission } from "./cluster/admission.ts";
import type { Budget } from "./budget.ts";
import type { HasRoom } from "./record_queue.ts";
import type { WorkQueue } from "./work_queue.ts";

/** What shows that the service has enough to do. */
export interface OverloadSigns {
  readonly requests: Pick<Budget, "hasRoom">;
  readonly hasRoom: HasRoom;
  readonly admission: Pick<Admission, "isSlow">;
  readonly work: Pick<WorkQueue, "isFull">;
}

/** Whether a new request would wait for too long, or in vain. */
export function isOverloaded({ requests, hasRoom, admission, work }: OverloadSigns): boolean {
  return work.isFull || admission.isSlow || !hasRoom(1, 1) || !requests.hasRoom(1);
}

const RETRY_MS = { min: 1000, max: 60_000 };
/** Senders that were refused together come back spread over this part of their wait. */
const SPREAD = 0.5; // chosen

/**
 * After what time a refused sender should come again: when what waits now has drained, with a
 * spread, from 1 to 60 s.
 *
 * @param msLeft How long what waits will take, or null when that is not known.
 * @param random From 0 to 1.
 */
export function overloadRetryMs(msLeft: number | null, random = Math.random()): number {
  const waitMs = msLeft ?? 0;
  const spreadMs = random * Math.max(RETRY_MS.min, waitMs * SPREAD);
  return Math.min(RETRY_MS.max, Math.max(RETRY_MS.min, waitMs + spreadMs));
}
