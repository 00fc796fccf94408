/**
 * How many processes one ingest has, and what each may use: the bounds on memory, requests and
 * records hold for all of them together, so each gets an equal share. Pure.
 */
import type { AllSections } from "./sections.ts";

type Ingest = AllSections["ingest"];

/** More processes than this are started only when `INGEST_PROCESSES` names the number. */
const PROCESSES_BY_DEFAULT_MAX = 4; // chosen

/**
 * The number of processes: what the option says, or one on two cores or fewer, else one for each
 * core but one, at most four, and only as many that a share still holds a whole body and a batch.
 *
 * @param cores Cores that this program may use; 1 or more.
 */
export function processesOf(ingest: Ingest, cores: number): number {
  if (ingest.processes !== null) return ingest.processes;
  let processes = Math.min(PROCESSES_BY_DEFAULT_MAX, Math.max(1, cores - 1));
  while (processes > 1 && !isShareEnough(ingest, processes)) processes -= 1;
  return processes;
}

/** Whether one process's share of the bounds holds one request, one whole body and a batch. */
export function isShareEnough(ingest: Ingest, processes: number): boolean {
  const { requestsMax, requestBytesMax, queueBytesMax, queueRecordsMax } = ingest;
  return (
    requestsMax >= processes &&
    requestBytesMax >= ingest.bodyBytesMax * processes &&
    queueBytesMax >= ingest.bodyBytesMax * 2 * processes &&
    queueRecordsMax >= ingest.batchEventsMax * processes
  );
}

/** The options of one of several processes: bounds are divided, everything else stays. */
export function shareOf(ingest: Ingest, processes: number): Ingest {
  const share = (bound: number): number => Math.floor(bound / processes);
  return {
    ...ingest,
    requestsMax: share(ingest.requestsMax),
    requestBytesMax: share(ingest.requestBytesMax),
    queueRecordsMax: share(ingest.queueRecordsMax),
    queueBytesMax: share(ingest.queueBytesMax),
    rejectedBytesPerSecondMax: share(ingest.rejectedBytesPerSecondMax),
  };
}
