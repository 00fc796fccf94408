/**
 * Which partitions of the topic can store events now, and how much each may still take.
 * Three sources decide it: what the cluster reports, whether leaders answer, and what
 * became of the last records. Pure: the clock is a parameter.
 */
import { isRetryable, needsOperator, PipelineError } from "@tally/shared";
import type { Delivery, PartitionState } from "@tally/shared/kafka";
import { PartitionWindow, type WindowLimits } from "./partition_window.ts";

/** The records of one request that go to one partition. */
export interface Parcel {
  readonly partition: number;
  readonly bytes: number;
  /** Records without a report. */
  records: number;
  /** Called once when the partition is found to store nothing at the moment. */
  onStuck: (() => void) | null;
}

/** Whether the parcels of a request may go. */
export type AdmissionVerdict =
  | "admitted"
  /** A partition among theirs can't store events now. */
  | "stuck"
  /** A partition among theirs has enough to do. */
  | "full";

/** Numbers of partitions that can't store events now, by reason. */
export interface StuckPartitions {
  readonly withoutLeader: number[];
  /** The leader does not answer. */
  readonly leaderAway: number[];
  /** Records were not acknowledged in time. */
  readonly unacknowledged: number[];
}

/** Longest time without an acknowledgement while records wait; longer than a full window takes. */
export const STALL_MS = 3000; // chosen
/** Time between two requests that try a partition which has failed, and before the first one. */
export const RETRY_MS = 3000; // chosen
const FIRST_RETRY_MS = 1000; // chosen
/** A failed partition counts as open when no request has tried it for this long. */
const UNTRIED_MS = 7000; // chosen
/** A leader that missed this many probes in a row is away; one miss may be a pause of its JVM. */
const MISSES_MAX = 2; // chosen

interface Sent {
  readonly parcel: Parcel;
  readonly sentAtMs: number;
  readonly ahead: number;
  isStored: boolean;
}

interface Partition {
  readonly number: number;
  readonly window: PartitionWindow;
  /** In the order in which they were sent. */
  readonly sent: Map<Parcel, Sent>;
  state: PartitionState;
  lastStoredAtMs: number;
  /** Why the last records were not stored. */
  failure: PipelineError | null;
  /** A request may try again from this time. */
  retryAtMs: number;
  isStalled: boolean;
}

export class PartitionStates {
  readonly #limits: WindowLimits;
  #partitions: Partition[] = [];
  /** How often a leader did not answer, since it answered last. */
  readonly #misses = new Map<number, number>();

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /** Number of partitions; 0 while it is not known. */
  get count(): number {
    return this.#partitions.length;
  }

  /**
   * Takes what the cluster reports. A partition with another leader or more replicas in sync may be
   * tried at once.
   */
  update(states: readonly PartitionState[], nowMs: number): void {
    // Fewer partitions: the topic was deleted and made again.
    if (states.length < this.#partitions.length) this.#partitions = [];
    for (const [number, state] of states.entries()) {
      const partition = this.#partitions[number];
      if (partition === undefined) {
        this.#partitions.push(this.#create(number, state));
        continue;
      }
      const { leader, inSync } = partition.state;
      if (leader !== state.leader || inSync < state.inSync) partition.retryAtMs = nowMs;
      partition.state = state;
    }
  }

  /** Number of partitions that can store events now. */
  get storable(): number {
    return this.#partitions.filter((partition) => this.#isStoring(partition)).length;
  }

  /**
   * Whether an event may be stored now: a partition stores, or has failed long enough ago that only
   * a request can tell. Without that, a balancer that sends nothing here would never begin again.
   */
  mayStoreAny(nowMs: number): boolean {
    return this.#partitions.some(
      (partition) => this.#isStoring(partition) || this.#isUntried(partition, nowMs),
    );
  }

  /** Whether records wait for an answer of a leader that is not known to be away. */
  get isWaiting(): boolean {
    return this.#partitions.some(
      ({ sent, state: { leader } }) => sent.size > 0 && leader >= 0 && !this.#isAway(leader),
    );
  }

  /** When a record was stored last; negative infinity before the first. */
  get lastStoredAtMs(): number {
    return Math.max(...this.#partitions.map(({ lastStoredAtMs }) => lastStoredAtMs));
  }

  /** Leaders that have stored nothing for a while or are away, and one partition of each. */
  quietLeaders(sinceMs: number): ReadonlyMap<number, number> {
    const quiet = new Map<number, number>();
    const active = new Set<number>();
    for (const { number, state, lastStoredAtMs } of this.#partitions) {
      const isActive = lastStoredAtMs >= sinceMs && !this.#misses.has(state.leader);
      if (isActive) active.add(state.leader);
      else if (state.leader >= 0) quiet.set(state.leader, number);
    }
    for (const leader of active) quiet.delete(leader);
    return quiet;
  }

  /** Notes that no connection to a leader can be made. */
  loseLeader(leader: number): void {
    this.#misses.set(leader, MISSES_MAX);
  }

  /** Notes whether a leader answered when it was asked. */
  setLeader(leader: number, isAnswering: boolean): void {
    if (isAnswering) this.#misses.delete(leader);
    else this.#misses.set(leader, (this.#misses.get(leader) ?? 0) + 1);
  }

  /** Sends the parcels of one request if every partition among theirs takes them. */
  admit(parcels: readonly Parcel[], nowMs: number): AdmissionVerdict {
    for (const { partition: number, bytes } of parcels) {
      const partition = this.#partitions[number];
      if (partition === undefined || !this.#mayTry(partition, nowMs)) return "stuck";
      if (!partition.window.hasRoom(bytes)) return "full";
    }
    for (const parcel of parcels) {
      const partition = this.#partitions[parcel.partition];
      if (partition === undefined) continue;
      const ahead = partition.window.take(parcel.bytes);
      partition.sent.set(parcel, { parcel, sentAtMs: nowMs, ahead, isStored: true });
      if (partition.failure !== null) partition.retryAtMs = nowMs + RETRY_MS;
    }
    return "admitted";
  }

  /** Takes the report of one record. @returns Whether it was the last one of its parcel. */
  settle(parcel: Parcel, outcome: Delivery | PipelineError, nowMs: number): boolean {
    const partition = this.#partitions[parcel.partition];
    const sent = partition?.sent.get(parcel);
    parcel.records -= 1;
    if (partition === undefined || sent === undefined) return parcel.records === 0;
    if (!(outcome instanceof PipelineError)) {
      partition.lastStoredAtMs = nowMs;
      partition.failure = null;
      partition.isStalled = false;
      this.#misses.delete(partition.state.leader);
    } else if (isRetryable(outcome) && outcome.code !== "overloaded") {
      sent.isStored = false;
      if (partition.failure === null) partition.retryAtMs = nowMs + FIRST_RETRY_MS;
      partition.failure = outcome;
    }
    if (parcel.records > 0) return false;
    partition.sent.delete(parcel);
    const { bytes } = parcel;
    const { ahead, isStored, sentAtMs } = sent;
    partition.window.release({ bytes, ahead, isStored, tookMs: nowMs - sentAtMs });
    return true;
  }

  /** Finds the partitions that have stalled, and gives up the requests that wait for them. */
  check(nowMs: number): void {
    const leaders = Map.groupBy(this.#partitions, ({ state }) => state.leader);
    for (const partitions of leaders.values()) {
      const lastStoredAtMs = Math.max(...partitions.map((each) => each.lastStoredAtMs));
      for (const partition of partitions) {
        // On a slow link a healthy partition waits while the leader serves its other partitions.
        const isSuspect = partition.failure !== null || isShortOfReplicas(partition.state);
        const since = isSuspect ? partition.lastStoredAtMs : lastStoredAtMs;
        markStalled(partition, since, nowMs);
      }
    }
  }

  /** Partitions that can't store events now. */
  stuck(): StuckPartitions {
    const found: StuckPartitions = { withoutLeader: [], leaderAway: [], unacknowledged: [] };
    for (const partition of this.#partitions) {
      const { number, state, failure, isStalled } = partition;
      if (state.leader < 0) found.withoutLeader.push(number);
      else if (this.#isAway(state.leader)) found.leaderAway.push(number);
      else if (failure !== null || isStalled) found.unacknowledged.push(number);
    }
    return found;
  }

  /** Whether a request could be stored, or may try to be. */
  acceptsAny(nowMs: number): boolean {
    return this.#partitions.some((partition) => this.#mayTry(partition, nowMs));
  }

  /** The failure of any partition that has failed, for its reason. */
  get failure(): PipelineError | null {
    return this.#partitions.find(({ failure }) => failure !== null)?.failure ?? null;
  }

  #create(number: number, state: PartitionState): Partition {
    return {
      number,
      state,
      window: new PartitionWindow(this.#limits),
      sent: new Map(),
      lastStoredAtMs: Number.NEGATIVE_INFINITY,
      failure: null,
      retryAtMs: 0,
      isStalled: false,
    };
  }

  #isStoring(partition: Partition): boolean {
    return partition.failure === null && this.#isPresent(partition);
  }

  /** Whether a failed partition looks whole and no request has tried it for a while. */
  #isUntried(partition: Partition, nowMs: number): boolean {
    const { failure, retryAtMs, sent, state } = partition;
    const mayHaveHealed = failure !== null && !needsOperator(failure) && !isShortOfReplicas(state);
    const isQuiet = sent.size === 0 && nowMs - retryAtMs >= UNTRIED_MS;
    return mayHaveHealed && isQuiet && this.#isPresent(partition);
  }

  #mayTry(partition: Partition, nowMs: number): boolean {
    const { failure, retryAtMs } = partition;
    // A refusal comes at once and costs no wait, so each request may ask again.
    const isOpen = failure === null || needsOperator(failure) || nowMs >= retryAtMs;
    return isOpen && this.#isPresent(partition);
  }

  #isAway(leader: number): boolean {
    return (this.#misses.get(leader) ?? 0) >= MISSES_MAX;
  }

  #isPresent({ state, isStalled }: Partition): boolean {
    return state.leader >= 0 && !this.#isAway(state.leader) && !isStalled;
  }
}

function isShortOfReplicas({ inSync, replicas }: PartitionState): boolean {
  return inSync < replicas;
}

function markStalled(partition: Partition, lastStoredAtMs: number, nowMs: number): void {
  const [oldest] = partition.sent.values();
  const sinceMs = Math.max(lastStoredAtMs, oldest?.sentAtMs ?? nowMs);
  partition.isStalled = oldest !== undefined && nowMs - sinceMs > STALL_MS;
  if (!partition.isStalled) return;
  for (const { parcel, sentAtMs } of partition.sent.values()) {
    if (nowMs - sentAtMs <= STALL_MS) break;
    const { onStuck } = parcel;
    parcel.onStuck = null;
    onStuck?.();
  }
}
