/**
 * After a crash the next owner of a partition adopts a planned object: its own plan is
 * refused because one exists. It finishes the existing plan under that plan's key and
 * format, provided that it makes the same lines (P4, P5).
 */
import { PipelineError } from "@tally/shared";
import type { Database } from "@tally/shared/database";
import type { ObjectSource } from "./lost_records.ts";
import type { ObjectStore } from "./object_store.ts";
import {
  readArchiveState,
  replanObject,
  type ArchivePartition,
  type PlannedObject,
} from "./plan.ts";
import { positionMoved } from "./position_moved.ts";
import { readStoredDigest } from "./upload.ts";

/** What this owner must do for a range, depending on who planned it. */
export type PlanOutcome =
  /** This owner has planned it now: upload and confirm. */
  | { readonly kind: "planned"; readonly plan: PlannedObject }
  /** It was planned before, with these lines: upload (or find it uploaded) and confirm. */
  | { readonly kind: "adopted"; readonly plan: PlannedObject }
  /** It was planned and uploaded before, with lines that the log has lost since: confirm. */
  | { readonly kind: "stored"; readonly plan: PlannedObject }
  /** Another owner has confirmed it: nothing is left to do. */
  | { readonly kind: "confirmed" };

/** The range, and the plan that this owner would have made for it. */
export interface RangePlan {
  readonly source: ObjectSource;
  readonly ownPlan: PlannedObject;
}

export interface AdoptOptions {
  readonly sql: Database;
  readonly store: ObjectStore;
  readonly place: ArchivePartition;
  readonly signal: AbortSignal;
}

/**
 * Decides about a range whose plan was refused. The existing plan's key and format win over what
 * this owner would have chosen: its configuration may have changed since.
 *
 * @throws {PipelineError} `position_moved` when another range is planned there;
 * `archive_conflict` when the existing plan has other lines; `database_unavailable`,
 * `archive_unavailable`: retryable.
 */
export async function adoptPlan(refused: RangePlan, options: AdoptOptions): Promise<PlanOutcome> {
  const { source, ownPlan } = refused;
  const { sql, place } = options;
  const { nextOffset, planned } = await readArchiveState(sql, place, ownPlan.firstOffset);
  if (nextOffset !== null && nextOffset >= ownPlan.nextOffset) return { kind: "confirmed" };
  const isSameRange =
    nextOffset === ownPlan.firstOffset && planned?.nextOffset === ownPlan.nextOffset;
  if (!isSameRange || planned === null) throw positionMoved(source.batch, nextOffset);
  if (planned.sha256 === ownPlan.sha256) return { kind: "adopted", plan: planned };
  return await adoptOtherLines(planned, refused, options);
}

/**
 * The existing plan has another digest. That is right in one case: the log has lost records since,
 * rows stand in for them, and a line made from a row may differ in the order of its keys. Then the
 * plan is kept when its object is stored, and gets the new digest when it is not.
 */
async function adoptOtherLines(
  existing: PlannedObject,
  { source, ownPlan }: RangePlan,
  { sql, store, place, signal }: AdoptOptions,
): Promise<PlanOutcome> {
  const { batch, lostLines } = source;
  const { key, format, events } = existing;
  if (lostLines.length > 0 && key !== null && events === ownPlan.events) {
    const stored = await readStoredDigest(store, { key, format }, signal);
    if (stored === existing.sha256) return { kind: "stored", plan: existing };
    if (stored === null) {
      const changed = { ...existing, bytes: ownPlan.bytes, sha256: ownPlan.sha256 };
      if (await replanObject(sql, place, { existing, changed })) {
        return { kind: "adopted", plan: changed };
      }
      const { nextOffset } = await readArchiveState(sql, place, batch.firstOffset);
      throw positionMoved(batch, nextOffset);
    }
  }
  throw new PipelineError(
    "archive_conflict",
    `Cannot finish the object planned at offset ${existing.firstOffset} of partition ${batch.partition}: its ${events} lines (encoder ${existing.encoder}) have sha256 ${existing.sha256}, the log's ${ownPlan.events} (encoder ${ownPlan.encoder}) ${ownPlan.sha256}`,
  );
}
