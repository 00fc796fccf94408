/**
 * The processors that run, by a table in which each counts up: who holds which partition, and
 * whether some work under another group prefix. The fence keeps every row and line right then, but
 * each group writes every record, and the fence refuses all but one. Kafka can't tell: for it
 * these are separate groups.
 */
import type { Metrics, MonotonicClock, MonotonicMs } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import type { TopicLog } from "../pipeline/positions.ts";
import { ownersOf, type HeldPartitions, type Holder, type Owners } from "./owners.ts";
import { startPeriodicTask, type PeriodicTask, type PeriodicTaskOptions } from "./periodic_task.ts";

export interface OtherGroupsOptions extends Omit<PeriodicTaskOptions, "isReady"> {
  readonly sql: Database;
  readonly metrics: Pick<Metrics<"processor">, "processor_other_groups">;
  /** The log that is processed, or null while it is not known. */
  readonly topicLog: () => TopicLog | null;
  readonly groupPrefix: string;
  /** New for each start of a process. */
  readonly processId: string;
  /** How people find this process: host and process number. */
  readonly label: string;
  /** The partitions of this process. */
  readonly held: () => HeldPartitions;
  readonly now: MonotonicClock;
}

/** The running task. */
export interface OtherGroups extends PeriodicTask {
  /** Prefixes of the other groups that work now, sorted; empty when all is well. */
  groups(): readonly string[];
  /** The processor of each partition, among those of this group that work now. */
  owners(): Owners;
}

/** A processor of another group is noticed after two of its beats. */
const BEAT_MS = 2000; // chosen
/** A process that has not counted up for this long has ended, or is frozen. */
const ALIVE_MS = 15_000; // chosen

/** Starts the task. */
export function startOtherGroups(options: OtherGroupsOptions): OtherGroups {
  const { sql, log, metrics, topicLog, groupPrefix, processId, now } = options;
  const work = { isReady: () => topicLog() !== null, ...options };
  let seen: Seen = new Map();
  let groups: readonly string[] = [];

  function show(next: readonly string[]): void {
    metrics.processor_other_groups.set(next.length);
    if (JSON.stringify(next) === JSON.stringify(groups)) return;
    groups = next;
    const fields = { groupPrefix, others: next };
    if (next.length > 0) {
      log.error(
        fields,
        "Processors of another group work on the same tables: every record is processed more than once. Give all processors the same PROCESSOR_GROUP_PREFIX, or their own DATABASE_SCHEMA and ARCHIVE_KEY_PREFIX.",
      );
    } else log.info(fields, "Processors of another group no longer work on the same tables.");
  }
  show([]);
  const task = startPeriodicTask(work, {
    intervalMs: BEAT_MS,
    failure: "Processors of other groups could not be looked for; this is retried automatically.",
    async pass() {
      const current = topicLog();
      if (current === null) return { hasMore: false, error: null };
      seen = noteBeats(seen, await beat(options, current), now());
      show(groupsAlive(seen, now()).filter((group) => group !== groupPrefix));
      return { hasMore: false, error: null };
    },
  });
  return {
    groups: () => groups,
    owners() {
      const others = processesAlive(seen, now()).filter(
        (process) => process.groupPrefix === groupPrefix && process.processId !== processId,
      );
      return ownersOf([...others, { label: options.label, held: options.held() }]);
    },
    async stop() {
      await task.stop();
      // A row that stays is deleted later: it no longer counts up.
      await leave(sql, processId).catch(() => undefined);
    },
  };
}

/** A process, as the table shows it. */
export interface OtherProcess extends Holder {
  readonly processId: string;
  readonly groupPrefix: string;
  readonly beats: string;
}

interface SeenProcess extends OtherProcess {
  /** When it was seen to have counted up, or null before that. */
  readonly movedAtMs: MonotonicMs | null;
}

/** By process id. */
export type Seen = ReadonlyMap<string, SeenProcess>;

/** Compares the beats with those of the look before. Pure. */
export function noteBeats(before: Seen, found: readonly OtherProcess[], nowMs: MonotonicMs): Seen {
  return new Map(
    found.map((process) => {
      const known = before.get(process.processId);
      const hasMoved = known !== undefined && known.beats !== process.beats;
      const movedAtMs = hasMoved ? nowMs : (known?.movedAtMs ?? null);
      return [process.processId, { ...process, movedAtMs }];
    }),
  );
}

/** The processes that have counted up lately. Pure. */
function processesAlive(seen: Seen, nowMs: MonotonicMs): OtherProcess[] {
  return [...seen.values()].filter(
    ({ movedAtMs }) => movedAtMs !== null && nowMs - movedAtMs < ALIVE_MS,
  );
}

/** The prefixes of processes that have counted up lately, sorted. Pure. */
export function groupsAlive(seen: Seen, nowMs: MonotonicMs): string[] {
  const alive = processesAlive(seen, nowMs);
  return [...new Set(alive.map(({ groupPrefix }) => groupPrefix))].sort();
}

type Beating = Pick<OtherGroupsOptions, "sql" | "processId" | "groupPrefix" | "label" | "held">;

/** Counts up, and reads the processes on the same log. */
function beat(
  { sql, processId, groupPrefix, label, held }: Beating,
  { logNumber }: TopicLog,
): Promise<OtherProcess[]> {
  const { postgres, archive } = held();
  return guarded(
    sql,
    () => sql<OtherProcess[]>`
      with own as (
        insert into processors
          (process_id, group_prefix, log, label, rows_partitions, archive_partitions)
        values (${processId}, ${groupPrefix}, ${logNumber}, ${label},
          ${`{${postgres}}`}::integer[], ${`{${archive}}`}::integer[])
        on conflict (process_id) do update set
          log = excluded.log, beats = processors.beats + 1, seen_at = now(),
          rows_partitions = excluded.rows_partitions,
          archive_partitions = excluded.archive_partitions
      ), gone as (
        delete from processors
        where seen_at < now() - interval '1 day' and process_id <> ${processId}
      )
      select process_id as "processId", group_prefix as "groupPrefix", beats::text as beats, label,
        json_build_object('postgres', rows_partitions, 'archive', archive_partitions) as held
      from processors where log = ${logNumber} order by process_id`,
  );
}

/** The groups that work on one log. */
export interface GroupsAtWork {
  readonly topic: string;
  readonly log: number;
  /** Prefixes, sorted. */
  readonly groups: readonly string[];
}

/** Reads which groups work on each log now; a process that was just killed may be among them. */
export async function readGroups(sql: Database): Promise<GroupsAtWork[]> {
  const rows = await sql<{ topic: string; log: number; group: string }[]>`
    select distinct topic, log, group_prefix as "group"
    from processors join logs using (log)
    where abs(extract(epoch from now() - seen_at)) < ${ALIVE_MS / 1000}
    order by log, group_prefix`;
  return [...Map.groupBy(rows, ({ log }) => log)].map(([log, found]) => ({
    log,
    topic: found[0]?.topic ?? "",
    groups: found.map(({ group }) => group),
  }));
}

async function leave(sql: Database, processId: string): Promise<void> {
  await guarded(sql, () => sql`delete from processors where process_id = ${processId}`);
}
