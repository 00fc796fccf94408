/**
 * The outcomes of one attempt to write a batch. All layers of the write use them: the
 * sink, the choice of the statement, the group commit, the statements.
 */
import type { PipelineError } from "@tally/shared";
import { blamesRow, errorDetail, sqlState, translate } from "@tally/shared/database";
import type { Batch } from "../pipeline/sink.ts";

/** What became of the records of a batch. */
export interface StoredCounts {
  readonly events: number;
  readonly duplicates: number;
  /** One code per dead letter. */
  readonly deadLetters: readonly string[];
}

/**
 * The outcome of one attempt. Only `written` and `already` mean that the batch is stored. After
 * every other kind this attempt has changed nothing, and its comment says what happens next.
 *
 * An attempt that fails for a reason of the server (an outage, a timeout) has no outcome: it
 * rejects with `database_unavailable`, and the pipeline writes the same batch again.
 */
export type WriteOutcome =
  /** The batch is stored and the position is at its end. The write is done. */
  | {
      readonly kind: "written";
      readonly batch: Batch;
      /** Rows inserted. */
      readonly events: number;
      readonly duplicates: number;
      /** Records whose own row existed already, from before a rewind. */
      readonly reread: number;
      /** Codes of the records that became dead letters, one each. */
      readonly deadLetters: readonly string[];
    }
  /** An earlier attempt stored the batch: the position is at its end. The write is done. */
  | {
      readonly kind: "already";
      readonly batch: Batch;
      /** What that attempt stored, when it was this process's and its answer was lost; or null. */
      readonly own: StoredCounts | null;
    }
  /**
   * `WRITE_NEW_EVENTS` can't write this batch, or is not worth an attempt. `WRITE_BATCH` decides.
   */
  | { readonly kind: "not_tried" }
  /**
   * `WRITE_NEW_EVENTS` met an id that is already a row or occurs twice in its group. `WRITE_BATCH`
   * decides.
   */
  | { readonly kind: "known_id" }
  /**
   * `WRITE_NEW_EVENTS` failed, and any batch of the group may be the reason. `WRITE_BATCH` decides.
   */
  | { readonly kind: "shared_fault" }
  /**
   * The position is not where the batch begins. From `WRITE_NEW_EVENTS` it may also mean that
   * another transaction holds the position, so `WRITE_BATCH` decides. From `WRITE_BATCH` it is
   * certain: the sink reads the position and returns `already` or rejects with `position_moved`.
   */
  | { readonly kind: "moved" }
  /**
   * Events at these offsets have the id of a row, but other content. The batch is written again
   * with these records as dead letters (`id_conflict`).
   */
  | { readonly kind: "conflict"; readonly offsets: readonly bigint[] }
  /** Another transaction is deciding about the same ids. The same batch is written again. */
  | { readonly kind: "unsettled" }
  /**
   * PostgreSQL refuses a row. The batch is halved until that row is alone; it then becomes a dead
   * letter (`database_rejected`).
   */
  | { readonly kind: "refused"; readonly failure: PipelineError };

/** The outcomes of some kinds. */
export type Outcome<Kind extends WriteOutcome["kind"]> = Extract<WriteOutcome, { kind: Kind }>;

/** The outcomes of `WRITE_NEW_EVENTS` after which `WRITE_BATCH` must decide. */
export type Undecided = Outcome<"not_tried" | "known_id" | "shared_fault" | "moved">;

const UNDECIDED: ReadonlySet<string> = new Set<Undecided["kind"]>([
  "not_tried",
  "known_id",
  "shared_fault",
  "moved",
]);

/** Whether the batch is stored, by this attempt or an earlier one. */
export function isStored(outcome: WriteOutcome): outcome is Outcome<"written" | "already"> {
  return outcome.kind === "written" || outcome.kind === "already";
}

export function isUndecided(outcome: WriteOutcome): outcome is Undecided {
  return UNDECIDED.has(outcome.kind);
}

// `refuse_batch` raises it (migrations/0001_events.sql), with the offsets as its detail.
const CONFLICT = "TLY01";
// The winner is not visible yet (`refuse_batch`), serialisation failure, deadlock.
const UNSETTLED: ReadonlySet<string> = new Set(["TLY02", "40001", "40P01"]);

/**
 * The outcome of a statement that the server ended with an error.
 *
 * @throws {PipelineError} `database_unavailable` when the error is not about the batch.
 */
export function outcomeOfError(error: unknown): Outcome<"conflict" | "unsettled" | "refused"> {
  const state = sqlState(error) ?? "";
  const offsets = state === CONFLICT ? offsetsOf(errorDetail(error)) : [];
  if (offsets.length > 0) return { kind: "conflict", offsets };
  if (UNSETTLED.has(state)) return { kind: "unsettled" };
  const failure = translate(error);
  if (blamesRow(state)) return { kind: "refused", failure };
  throw failure;
}

/** @param detail A bigint[] as PostgreSQL writes it, "{12,15}"; any other text gives none. */
function offsetsOf(detail: string): readonly bigint[] {
  return /^\{\d+(?:,\d+)*\}$/.test(detail) ? detail.slice(1, -1).split(",").map(BigInt) : [];
}
