/** `GET /dead-letters/codes`: dead letters counted by code, to be read before a bulk resend. */
import type { Database } from "@tally/shared/database";
import { COUNTED_MAX, type DeadLetterCode, type DeadLetterCodes } from "@tally/shared/dead_letters";
import { printTime } from "./time.ts";

/**
 * Reads the summary: codes and totals from the counters beside the positions, the rest by a few
 * index reads, so that it takes the same time with any number of dead letters.
 */
export async function findDeadLetterCodes(sql: Database): Promise<DeadLetterCodes> {
  const codes = await sql<DeadLetterCode[]>`
    select code, totals.count, ${printTime(sql, "first.first_seen")} as "firstSeen",
      ${printTime(sql, "last.first_seen")} as "lastSeen", open.unresolved,
      coalesce(copies.letters, 0) as "onTheirWay"
    from (
      select code, sum(letters::bigint)::float8 as count
      from positions cross join lateral jsonb_each_text(dead_letter_codes) as each (code, letters)
      where sink = 'postgres' group by code
    ) as totals
    cross join lateral (
      select first_seen from dead_letters where code = totals.code order by id limit 1
    ) as first
    cross join lateral (
      select first_seen from dead_letters where code = totals.code order by id desc limit 1
    ) as last
    cross join lateral (
      select count(*)::integer as unresolved from (
        select from dead_letters where code = totals.code and resolved_at is null limit ${COUNTED_MAX}
      ) as counted
    ) as open
    left join (
      select code, count(distinct id)::integer as letters from (
        select dead_letter from dead_letter_resends where outcome is null limit ${COUNTED_MAX}
      ) as waiting
      join dead_letters on id = dead_letter and resolved_at is null group by code
    ) as copies using (code)
    order by open.unresolved desc, totals.code`;
  return { codes };
}
