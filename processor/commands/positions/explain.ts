/** What each state of a position means, and what an operator can do about it. Pure. */
import type { PositionFacts } from "./facts.ts";

/** The meaning of a state and what an operator can do, in one or two sentences each. */
export interface Explanation {
  readonly means: string;
  readonly can: readonly string[];
}

/** The state in one line: it runs, or why it does not. */
export function stateOf({ stopped, isCurrent, lostOffsets }: PositionFacts): string {
  if (isCurrent === false) return "log is not the current topic";
  if (stopped !== null) return `stopped: ${stopped}`;
  return lostOffsets === 0n ? "runs" : `runs; ${lostOffsets} records lost`;
}

/** Explains a position; empty when it simply runs. */
export function explain(facts: PositionFacts): Explanation[] {
  const explanations: Explanation[] = [];
  const { stopped, isCurrent, gapOffsets, lostOffsets } = facts;
  if (isCurrent === false) explanations.push(OTHER_LOG);
  else if (stopped !== null) explanations.push(explainStop(facts, stopped));
  else if (facts.watermarks !== null && facts.nextOffset < facts.watermarks.low) {
    explanations.push(explainLoss(facts, facts.watermarks.low));
  }
  if (lostOffsets > 0n) explanations.push(explainLost(facts));
  if (gapOffsets > 0n) explanations.push(explainGaps(facts));
  return explanations;
}

const OTHER_LOG: Explanation = {
  means:
    "The topic was deleted and created again, or KAFKA_TOPIC names another topic: nothing reads this log any more. Its rows and objects stay. Records that were not read from it are lost.",
  can: [],
};

function explainStop(facts: PositionFacts, stopped: string): Explanation {
  if (stopped.startsWith("archive_conflict")) return explainConflict(facts);
  const { watermarks, nextOffset } = facts;
  if (!stopped.startsWith("log_replaced")) return explainOther(facts);
  if (watermarks !== null && nextOffset > watermarks.high) return explainShort(facts, watermarks);
  return explainReplaced(facts);
}

/** The command that lets a partition continue. */
function resume({ sink, partition }: PositionFacts): string {
  return `bun run positions resume --sink ${sink} --partition ${partition}`;
}

function rewind({ sink, partition }: PositionFacts, to: string): string {
  return `bun run positions rewind --sink ${sink} --partition ${partition} --to ${to}`;
}

const SAME_OFFSETS =
  "New records then have offsets that stored events had before: the ledger of those offsets no longer balances, and the archive never changes a range that it has stored.";

function explainReplaced(facts: PositionFacts): Explanation {
  const { nextOffset } = facts;
  return {
    means: `The record before offset ${nextOffset} is not the one that was written: Kafka lost records that it had acknowledged (a lost disk, an unclean election), or other data took their place. What was written stays.`,
    can: [
      `Bring the log back (another replica, the disk), then ${resume(facts)}: the record is compared again.`,
      `Take the log as it is, from offset ${nextOffset} on: ${resume(facts)} --accept-log. Records that arrived below that offset after the loss are not read.`,
      `Read those records, too: first ${rewind(facts, "OFFSET")}, with an offset from before the loss, then resume. ${SAME_OFFSETS}`,
    ],
  };
}

function explainShort(facts: PositionFacts, { high }: { readonly high: bigint }): Explanation {
  const { nextOffset } = facts;
  return {
    means: `The position is ${nextOffset}, the log ends at ${high}: Kafka lost the records of offsets ${high} to ${nextOffset - 1n} after they were written from it (a lost disk, an unclean election). What was written stays.`,
    can: [
      `Bring the log back (another replica, the disk), then ${resume(facts)}.`,
      continueBelow(facts),
    ],
  };
}

/** Suggests a rewind only when it would not be refused. */
function continueBelow(facts: PositionFacts): string {
  const { wayBack } = facts;
  if (wayBack?.kind !== "rewind") {
    const reason = wayBack === null ? "" : ` ${wayBack.reason}`;
    return `Continue with new records: a rewind is not possible now.${reason}`;
  }
  return `Continue with new records: ${rewind(facts, String(wayBack.to))}, then ${resume(facts)}. ${SAME_OFFSETS}`;
}

function explainConflict(facts: PositionFacts): Explanation {
  return {
    means:
      "A planned range or an object of the bucket does not agree with the log: the object under the range's key or the plan in archive_objects has other lines, or an object that no plan names overlaps another one or has metadata that does not describe a range. The reason shown says which. Nothing was overwritten; the rows continue.",
    can: [
      `If the object does not belong to this system (another system writes under the same prefix, or somebody put a file there): move it away, then ${resume(facts)}.`,
      `If the store answered wrongly, or the object, its metadata or the plan was changed and has been restored: ${resume(facts)}. It is compared again.`,
      "Otherwise keep both and compare them: the message names the key of the object or the first offset of its plan and, when lines differ, both digests.",
    ],
  };
}

function explainOther(facts: PositionFacts): Explanation {
  return {
    means: "The partition was stopped for the reason shown. What was written stays.",
    can: [`When the cause is gone: ${resume(facts)}.`],
  };
}

function explainLoss({ sink, nextOffset }: PositionFacts, low: bigint): Explanation {
  const lost = `Kafka's retention removed offsets ${nextOffset} to ${low - 1n} before they were read.`;
  return sink === "archive"
    ? { means: `${lost} Their lines are made from the rows.`, can: [] }
    : {
        means: `${lost} They are lost, and will be listed as a loss once the processor runs.`,
        can: ["Lengthen the topic's retention.ms before it happens again."],
      };
}

function explainLost({ lostOffsets, partition }: PositionFacts): Explanation {
  return {
    means: `Kafka deleted ${lostOffsets} records before they were read: their events have neither rows nor lines. "bun run positions acknowledge" lists the offsets.`,
    can: [
      `Lengthen the topic's retention.ms and retention.bytes before it happens again.`,
      `If the senders still have the events, send them again: those that arrived are recognised.`,
      `When you have taken note: bun run positions acknowledge --partition ${partition}. Until then it is an alarm, and audit exits with 1.`,
    ],
  };
}

function explainGaps({ sink, gapOffsets }: PositionFacts): Explanation {
  const lines = sink === "archive" ? " Lines of those that have rows were made from the rows." : "";
  return {
    means: `${gapOffsets} offsets have no record to read (another producer's transaction markers, aborted or compacted records${sink === "archive" ? ", or deleted ones" : ""}): see the table offset_gaps. Nothing is wrong.${lines}`,
    can: [],
  };
}
