/**
 * Links a dead letter to the event that a person made of it and sent through ingest. The link is a
 * resend like any other, so upkeep/resend_outcomes.ts finds out what became of it.
 */
import type { Problem } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import type { TopicLog } from "../pipeline/positions.ts";

/** The new event, where ingest says that it is. */
export interface EditedEvent {
  readonly eventId: string;
  readonly partition: number;
  readonly offset: string;
}

export type LinkOutcome =
  { readonly kind: "linked" } | { readonly kind: "refused"; readonly problem: Problem };

/**
 * Records the link; the same link twice is one. It is allowed while a copy of the letter is on its
 * way: the event is in the log already, and a row of either resolves the letter.
 *
 * @throws {PipelineError} `database_unavailable` and its like: retryable.
 */
export async function linkEdited(
  { sql, topicLog }: { readonly sql: Database; readonly topicLog: TopicLog },
  id: string,
  { eventId, partition, offset }: EditedEvent,
): Promise<LinkOutcome> {
  const { logNumber } = topicLog;
  const [found] = await guarded(
    sql,
    () => sql<{ isSuperseded: boolean; linkedTo: string | null }[]>`
      with letter as (
        select id, superseded_by is not null as is_superseded from dead_letters
        where id = ${id}::bigint
      ), linked as (
        insert into dead_letter_resends (log, partition, "offset", dead_letter, event_id)
        select ${logNumber}, ${partition}, ${offset}::bigint, id, ${eventId}
        from letter where not is_superseded
        on conflict do nothing returning dead_letter
      )
      select is_superseded as "isSuperseded", coalesce((select dead_letter from linked),
        (select dead_letter from dead_letter_resends
          where log = ${logNumber} and partition = ${partition} and "offset" = ${offset}::bigint
        ))::text as "linkedTo"
      from letter`,
  );
  if (found === undefined) return refused("not_found");
  if (found.isSuperseded) return refused("dead_letter_superseded");
  // Another letter has that place: the caller sent what it does not know.
  return found.linkedTo === id ? { kind: "linked" } : refused("invalid_body");
}

function refused(code: Problem["code"]): LinkOutcome {
  return { kind: "refused", problem: { code } };
}
