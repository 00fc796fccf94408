/** What the state of a position means, and what can be done about it. Pure. */
import type { PositionFacts } from "./facts.ts";

/** A state with its meaning and what an operator can do, a sentence or two each. */
export interface Explanation {
  readonly means: string;
  readonly can: readonly string[];
}

/** One line: whether it runs, or why not. */
export function stateOf({ stopped, isCurrent }: PositionFacts): string {
  if (isCurrent === false) return "log is not the current topic";
  return stopped === null ? "runs" : `stopped: ${stopped}`;
}

/** All that is worth saying about a position; empty when it simply runs. */
export function explain(facts: PositionFacts): Explanation[] {
  const said: Explanation[] = [];
  const { stopped, isCurrent, gaps } = facts;
  if (isCurrent === false) said.push(OTHER_LOG);
  else if (stopped !== null) said.push(explainStop(facts, stopped));
  else if (facts.watermarks !== null && facts.nextOffset < facts.watermarks.low) {
    said.push(explainLoss(facts, facts.watermarks.low));
  }
  if (gaps > 0) said.push(explainGaps(facts));
  return said;
}

const OTHER_LOG: Explanation = {
  means:
    "The topic was deleted and made again, or KAFKA_TOPIC names another one: nothing reads this log any more. Its rows and objects stay. What was not read from it is lost with it.",
  can: [],
};

function explainStop(facts: PositionFacts, stopped: string): Explanation {
  if (stopped.startsWith("archive_conflict")) return explainConflict(facts);
  const { watermarks, nextOffset } = facts;
  if (!stopped.startsWith("log_replaced")) return explainOther(facts);
  if (watermarks !== null && nextOffset > watermarks.high) return explainShort(facts, watermarks);
  return explainReplaced(facts);
}

/** The command that lets a partition go on. */
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
      `Take the log as it is, from offset ${nextOffset} on: ${resume(facts)} --accept-log. Records that came in below that offset after the loss are not read.`,
      `Read those, too: first ${rewind(facts, "OFFSET")}, with an offset from before the loss, then resume. ${SAME_OFFSETS}`,
    ],
  };
}

function explainShort(facts: PositionFacts, { high }: { readonly high: bigint }): Explanation {
  const { nextOffset } = facts;
  return {
    means: `The position is ${nextOffset}, the log ends at ${high}: Kafka lost the records of offsets ${high} to ${nextOffset - 1n} after they were written from it (a lost disk, an unclean election). What was written stays.`,
    can: [
      `Bring the log back (another replica, the disk), then ${resume(facts)}.`,
      goOnBelow(facts),
    ],
  };
}

/** Never a rewind that would be refused. */
function goOnBelow(facts: PositionFacts): string {
  const { wayBack } = facts;
  if (wayBack === null || "refused" in wayBack) {
    const reason = wayBack === null ? "" : ` ${wayBack.refused}`;
    return `Go on with what comes: not by a rewind now.${reason}`;
  }
  return `Go on with what comes: ${rewind(facts, String(wayBack.to))}, then ${resume(facts)}. ${SAME_OFFSETS}`;
}

function explainConflict(facts: PositionFacts): Explanation {
  return {
    means:
      "The bucket holds an object under the key of a range, and its lines are not those that the log gives for it. Nothing was overwritten; the rows go on.",
    can: [
      `When the object is not this system's (another one writes under the same prefix, a file was put there): move it away, then ${resume(facts)}.`,
      `When the store answered wrongly, or somebody changed the object and it is back as it was: ${resume(facts)}. It is compared again.`,
      "Otherwise keep both and look: the message names the key, its digest, and the digest of the log's lines.",
    ],
  };
}

function explainOther(facts: PositionFacts): Explanation {
  return {
    means: "The partition was stopped for the reason shown. What was written stays.",
    can: [`When the reason is gone: ${resume(facts)}.`],
  };
}

function explainLoss({ sink, nextOffset }: PositionFacts, low: bigint): Explanation {
  const lost = `Kafka's retention removed offsets ${nextOffset} to ${low - 1n} before they were read.`;
  return sink === "archive"
    ? { means: `${lost} Their lines are made from the rows.`, can: [] }
    : {
        means: `${lost} They are lost, and will be listed as a gap when the processor runs.`,
        can: ["Lengthen the topic's retention.ms before it happens again."],
      };
}

function explainGaps({ sink, gaps, gapOffsets }: PositionFacts): Explanation {
  const count = `${gapOffsets} offsets in ${gaps} ${gaps === 1 ? "range" : "ranges"}`;
  const lines =
    sink === "archive" ? " Where there are rows of them, their lines were made from these." : "";
  return {
    means: `${count} were not in the log when they were to be read (removed by retention, compacted, or another producer's transaction markers): see the table offset_gaps.${lines}`,
    can: [],
  };
}
