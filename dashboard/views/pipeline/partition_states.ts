/** The state of a partition in words, with the command that helps. Pure. */
import type { PartitionFrame } from "@tally/shared";
import { formatDuration, plural } from "../../panels/format.ts";
import { ARCHIVE_LATE_SECONDS, ROWS_LATE_SECONDS } from "../../panels/health.ts";

export interface State {
  readonly words: string;
  /** What an operator runs. */
  readonly command?: string;
}

/** At least one: what is wrong, or that it runs. */
export function statesOf(partition: PartitionFrame): readonly State[] {
  const states = [...faultsOf(partition), ...delaysOf(partition)];
  if (states.length > 0) return states;
  return [{ words: partition.stored === null ? "Not known." : "Runs." }];
}

function faultsOf({ stopped, lostRecords, nearsRetention }: PartitionFrame): State[] {
  const states: State[] = [];
  if (stopped !== null) {
    states.push({ words: `Stopped: ${stopped}.`, command: "bun run positions explain" });
  }
  if (lostRecords > 0) {
    states.push({
      words: `${plural(lostRecords, "record")} lost: Kafka deleted them before they were read.`,
      command: "bun run positions acknowledge",
    });
  }
  if (nearsRetention.length > 0) {
    states.push({ words: "Nears the log's retention: lengthen it until the lag is gone." });
  }
  return states;
}

function delaysOf(partition: PartitionFrame): State[] {
  const states: State[] = [];
  const { owner, stopped, stored, lag, lagSeconds, archiveLagSeconds } = partition;
  // Absent from a processor of an older version; without the database the others are not seen.
  if (owner === null && stopped === null && stored !== null) {
    states.push({ words: "No processor says that it holds it: without one its records wait." });
  }
  if (lag !== null && lagSeconds !== null && lagSeconds > ROWS_LATE_SECONDS) {
    const age = formatDuration(lagSeconds);
    states.push({ words: `Lags: ${plural(lag, "record")} not stored, the oldest for ${age}.` });
  }
  if (archiveLagSeconds !== null && archiveLagSeconds > ARCHIVE_LATE_SECONDS) {
    const age = formatDuration(archiveLagSeconds);
    states.push({ words: `Its archive is late: the oldest row waits for ${age}.` });
  }
  return states;
}
