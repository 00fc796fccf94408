/** Why events can't be stored, in an operator's words: for the log and for health. */
import { isForOperator, type TroubleMemory } from "@tally/shared/kafka";
import type { PartitionStates } from "./partition_states.ts";

export interface Reason {
  /** The log has one line per kind while an outage lasts. */
  readonly kind: string;
  /** Holds no address and no secret: health shows it. */
  readonly text: string;
  /** What the client said, for the log only. */
  readonly detail: string;
  /** Whether an operator has to change something. */
  readonly isForOperator: boolean;
}

interface Evidence {
  readonly partitions: PartitionStates;
  readonly troubles: TroubleMemory;
}

/** @param isAnswering Whether any broker answers. */
export function findReason(isAnswering: boolean, { partitions, troubles }: Evidence): Reason {
  const { failure } = partitions;
  // delivery_failure.ts has logged this one, with what the broker said.
  if (failure?.remedy) {
    return { kind: "refused", text: failure.remedy, detail: "", isForOperator: true };
  }
  const trouble = troubles.current;
  const isKnown = isAnswering && partitions.count > 0;
  if (trouble !== null && (isForOperator(trouble) || !isKnown)) {
    const { advice: text, detail } = trouble;
    const isMendable = isForOperator(trouble);
    return { kind: isMendable ? trouble.kind : CLUSTER, text, detail, isForOperator: isMendable };
  }
  const { withoutLeader, leaderAway, unacknowledged } = partitions.stuck();
  const hint = trouble === null ? "" : ` (${trouble.advice})`;
  const of = `of ${partitions.count} partitions`;
  const found: readonly (readonly [kind: string, numbers: readonly number[], text: string])[] = [
    ["no_leader", withoutLeader, `${withoutLeader.length} ${of} have no leader`],
    ["leader_away", leaderAway, `the leaders of ${leaderAway.length} ${of} do not answer${hint}`],
    [
      "unacknowledged",
      unacknowledged,
      `${unacknowledged.length} ${of} do not acknowledge records: check that as many replicas as ` +
        "min.insync.replicas are in sync",
    ],
  ];
  const present = found.filter(([, numbers]) => numbers.length > 0);
  if (!isAnswering || present.length === 0) return NO_ANSWER;
  return {
    kind: CLUSTER,
    text: present.map(([, , text]) => text).join("; "),
    detail: present.map(([kind, numbers]) => `${kind}: ${numbers.join(", ")}`).join("; "),
    isForOperator: false,
  };
}

/** One kind for all of these: while a cluster is in trouble, numbers and brokers keep changing. */
const CLUSTER = "cluster";

const NO_ANSWER: Reason = {
  kind: CLUSTER,
  text: "Kafka does not answer",
  detail: "no broker answered in time",
  isForOperator: false,
};
