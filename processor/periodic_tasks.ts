/** Starts the periodic work beside the pipelines. */
import type { Config, Log, Metrics } from "@tally/shared";
import type { Producer } from "@tally/shared/kafka";
import type { Database } from "@tally/shared/database";
import type { Processing } from "./bring_up.ts";
import type { LetterTopic } from "./dead_letters/letter_topic.ts";
import { startOutbox } from "./upkeep/outbox.ts";
import { createDlqTopic, watchDlqTopic } from "./upkeep/dlq_topic.ts";
import { startResendOutcomes } from "./upkeep/resend_outcomes.ts";
import { startCountsFill, startCountsMove } from "./upkeep/counts_upkeep.ts";
import { startCleanup } from "./upkeep/duplicate_cleanup.ts";
import { startIdIndexWatch } from "./upkeep/id_index_watch.ts";

/** Running tasks. */
export interface PeriodicTasks {
  /** What to change so that dead letters reach their topic, or null when it is there. */
  readonly dlqRemedy: () => string | null;
  stop(): Promise<unknown>;
}

/** What the tasks need. */
export interface PeriodicParts {
  readonly config: Config<"processor">;
  readonly sql: Database;
  readonly processing: Processing;
  readonly log: Log;
  readonly metrics: Metrics<"processor">;
  readonly producer: Producer;
  readonly letterTopic: LetterTopic;
  /** For counting existing rows. */
  readonly fillSql: Database;
  readonly random: () => number;
}

/**
 * Periodic work beside the pipelines: publishes dead letters, looks whether their topic exists and
 * what became of resent ones, deletes old duplicates, keeps the counts, watches the size of the
 * index of event ids.
 */
export function startPeriodicTasks(parts: PeriodicParts): PeriodicTasks {
  const { random, config, sql, fillSql, producer, letterTopic, processing, log, metrics } = parts;
  const shared = {
    isReady: () => processing.topicLog() !== null,
    sql,
    metrics,
    log,
    backoffMsMax: config.processor.backoffMs,
    random,
  };
  const outbox = startOutbox({ ...shared, producer, letterTopic, kafka: config.kafka });
  const resendOutcomes = startResendOutcomes({
    ...shared,
    keptDays: config.processor.deadLetterDays,
  });
  const cleanup = startCleanup({ ...shared, keptDays: config.processor.duplicateDays });
  const dlqTopic = createDlqTopic({ producer, log, kafka: config.kafka });
  // It needs no tables.
  const watch = watchDlqTopic(dlqTopic, { ...shared, isReady: () => true });
  const counts = [startCountsMove(shared), startCountsFill({ ...shared, sql: fillSql })];
  const tasks = [outbox, resendOutcomes, cleanup, ...counts, startIdIndexWatch(shared), watch];
  return { dlqRemedy: dlqTopic.remedy, stop: () => Promise.all(tasks.map((task) => task.stop())) };
}
