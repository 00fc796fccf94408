/**
 * Sends dead letters again: publishes the exact record to the topic, where it is processed like any
 * other; its event keeps its id. One copy at a time: each that fails again becomes one more letter.
 * upkeep/resend_outcomes.ts finds out later what became of it.
 */
import { decodeRecord, isRecordFault, PipelineError, resentHeaders } from "@tally/shared";
import type { ErrorCode, Log, Metrics, Problem, RecordHeader, SourceRecord } from "@tally/shared";
import { isTooLarge, type Delivery, type OutgoingRecord } from "@tally/shared/kafka";
import type { Database } from "@tally/shared/database";
import type { Resent } from "@tally/shared/dead_letters";
import { decodeHeaders } from "./dead_letter.ts";
import { linkEdited, type EditedEvent } from "./edited.ts";
import { publishLetters, type LetterProducer } from "./publish.ts";
import {
  claim,
  endClaims,
  hasUnresolved,
  readLetter,
  readUnresolved,
  type Copy,
  type LetterRow,
  type UnresolvedQuery,
} from "./resend_claim.ts";
import type { TopicLog } from "../pipeline/positions.ts";

export interface ResendOptions {
  readonly sql: Database;
  /** Resolves when the producer is connected; requests wait for it. */
  readonly producer: () => Promise<LetterProducer>;
  /** The log that records go to, or null while it is not known. */
  readonly topicLog: () => TopicLog | null;
  readonly metrics: Pick<Metrics<"processor">, "processor_dead_letters_resent_total">;
  readonly log: Log;
}

/** Which dead letters to send again, oldest first. */
export interface ResendQuery extends UnresolvedQuery {
  readonly code: ErrorCode;
}

/** The result of a bulk resend. */
export interface ResentMany {
  readonly resent: number;
  /** Those letters, to ask later what became of them. */
  readonly ids: readonly string[];
  /** Letters that can't be sent again. */
  readonly refused: readonly { readonly id: string; readonly code: ErrorCode }[];
  /** Id of the last letter that was handled, or null when no more are left. */
  readonly last: string | null;
}

/** Requests for a resend at the same time, single and bulk. */
const RESENDS_MAX = 8;
/** Letters in memory at the same time: 16 times 900 kB when they are the largest. */
const BATCH_LETTERS_MAX = 16;
/** A bulk resend ends after this time and reports what is left. Below the server's idle limit. */
const BULK_MS_MAX = 10_000;

/** The outcome of one resend. */
export type ResendOutcome =
  | { readonly kind: "resent"; readonly resent: Resent }
  | { readonly kind: "refused"; readonly problem: Problem };

export interface Resender {
  /**
   * @throws {PipelineError} `broker_unavailable`, `database_unavailable`, `overloaded`: retryable.
   */
  one(id: string): Promise<ResendOutcome>;
  /**
   * Throws as `one` does. Letters that were acknowledged before a failure stay sent, and a repeat
   * leaves them out.
   */
  many(query: ResendQuery): Promise<ResentMany>;
  /** Links a letter to the event that was made of it; throws as `one` does. */
  edited(id: string, event: EditedEvent): Promise<ResendOutcome>;
}

/** Makes the resender that the routes use. */
export function createResender(options: ResendOptions): Resender {
  let running = 0;
  const ones = new Map<string, Promise<ResendOutcome>>();
  const bounded = async <T>(run: (topicLog: TopicLog) => Promise<T>): Promise<T> => {
    const topicLog = options.topicLog();
    if (topicLog === null) {
      throw new PipelineError("broker_unavailable", "Cannot resend: the topic is not known yet");
    }
    if (running >= RESENDS_MAX) {
      throw new PipelineError("overloaded", `Cannot resend: ${running} requests are in progress`);
    }
    running += 1;
    try {
      return await run(topicLog);
    } finally {
      running -= 1;
    }
  };
  return {
    async one(id) {
      const first = ones.get(id);
      if (first !== undefined) {
        const outcome = await first;
        return outcome.kind === "resent" ? refusal("dead_letter_resent") : outcome;
      }
      const own = bounded((topicLog) => resendOne({ ...options, topicLog }, id));
      ones.set(id, own);
      return await own.finally(() => ones.delete(id));
    },
    many: (query) => bounded((topicLog) => resendMany({ ...options, topicLog }, query)),
    edited: (id, event) =>
      bounded(async (topicLog) => {
        const linked = await linkEdited({ sql: options.sql, topicLog }, id, event);
        if (linked.kind === "refused") return linked;
        return { kind: "resent", resent: { deadLetterId: id, ...event, topic: topicLog.topic } };
      }),
  };
}

type Parts = Omit<ResendOptions, "topicLog"> & { readonly topicLog: TopicLog };

async function resendOne(parts: Parts, id: string): Promise<ResendOutcome> {
  const letter = await readLetter(parts, id);
  if (letter === undefined) return refusal("not_found");
  if (letter.is_superseded) return refusal("dead_letter_superseded");
  if (letter.is_cleared) return refusal("dead_letter_cleared");
  if (!letter.is_free) return refusal("dead_letter_resent");
  const { resent, refused, error } = await resendLetters(parts, [letter]);
  if (error !== null) throw error;
  const [done] = resent;
  if (done !== undefined) return { kind: "resent", resent: done };
  return refusal(refused[0]?.code ?? "dead_letter_resent");
}

function refusal(code: ErrorCode): ResendOutcome {
  return { kind: "refused", problem: { code } };
}

async function resendMany(parts: Parts, query: ResendQuery): Promise<ResentMany> {
  const { log } = parts;
  const endMs = performance.now() + BULK_MS_MAX;
  const refused: ResentMany["refused"][number][] = [];
  const ids: string[] = [];
  let left = query.limit;
  let last = query.after;
  let isEnd = false;
  while (!isEnd && left > 0 && performance.now() < endMs) {
    const wanted = Math.min(left, BATCH_LETTERS_MAX);
    const letters = await readUnresolved(parts, { ...query, limit: wanted, after: last });
    const batch = await resendLetters(parts, letters);
    ids.push(...batch.resent.map(({ deadLetterId }) => deadLetterId));
    if (batch.error !== null) throw batch.error;
    refused.push(...batch.refused);
    last = letters.at(-1)?.id ?? last;
    left -= letters.length;
    isEnd = letters.length < wanted;
  }
  const resent = ids.length;
  log.info({ code: query.code, resent, refused: refused.length }, "Dead letters resent.");
  const hasMore = !isEnd && (await hasUnresolved(parts, { ...query, after: last }));
  return { resent, ids, refused, last: hasMore ? last : null };
}

/** A letter that another resend has claimed meanwhile is in neither list. */
interface ResentBatch {
  readonly resent: readonly Resent[];
  readonly refused: ResentMany["refused"];
  /** Why other letters may not be in the log, or null when there are none. */
  readonly error: PipelineError | null;
}

/** Claims, publishes, then records what Kafka has acknowledged, even when the rest failed. */
async function resendLetters(parts: Parts, letters: readonly LetterRow[]): Promise<ResentBatch> {
  const { sql, producer, topicLog, metrics } = parts;
  const large = letters.filter(({ is_large: isLarge }) => isLarge);
  const publish = { producer: await producer(), topic: topicLog.topic };
  const claimed = await claim(
    sql,
    letters.filter(({ is_large: isLarge }) => !isLarge),
  );
  const outcomes = await publishLetters(claimed.map(outgoing), publish);
  const resent: Resent[] = [];
  const refused: ResentBatch["refused"][number][] = large.map(({ id }) => ({
    id,
    code: TOO_LARGE,
  }));
  let error: PipelineError | null = null;
  for (const [index, letter] of claimed.entries()) {
    const outcome = outcomes[index];
    if (outcome?.kind === "published") {
      resent.push(resentOf(letter, topicLog, outcome.delivery));
      metrics.processor_dead_letters_resent_total.inc({ code: letter.code });
    } else if (outcome?.kind === "refused") {
      const code = isTooLarge(outcome.error) ? TOO_LARGE : outcome.error.code;
      refused.push({ id: letter.id, code });
    } else if (outcome !== undefined) error ??= outcome.error;
  }
  await endClaims(sql, claimed, copiesOf(topicLog, resent));
  return { resent, refused, error };
}

const TOO_LARGE = "dead_letter_too_large";

function resentOf(letter: LetterRow, { topic }: TopicLog, { partition, offset }: Delivery): Resent {
  // As the copy is read: without the headers of a rejection.
  const decoded = decodeRecord(
    { ...sourceOf(letter), headers: headersOf(letter) },
    letter.topic_id,
  );
  return {
    deadLetterId: letter.id,
    eventId: isRecordFault(decoded) ? null : decoded.eventId,
    topic,
    partition,
    offset: offset.toString(),
  };
}

/**
 * The record as it was, with the link to its dead letter. Its Kafka timestamp is the present: with
 * the original one, the topic's retention could delete the copy at once.
 */
function outgoing(letter: LetterRow): OutgoingRecord {
  return { key: letter.key, value: letter.value, timestampMs: 0, headers: headersOf(letter) };
}

function headersOf(letter: LetterRow): readonly RecordHeader[] {
  return resentHeaders(sourceOf(letter), { letterId: letter.id, topicId: letter.topic_id });
}

function sourceOf(letter: LetterRow): SourceRecord {
  return {
    partition: letter.partition,
    offset: BigInt(letter.offset),
    timestampMs: Number(letter.record_timestamp_ms),
    value: letter.value,
    headers: letter.headers === null ? [] : decodeHeaders(letter.headers),
  };
}

function copiesOf({ logNumber }: TopicLog, resent: readonly Resent[]): Copy[] {
  return resent.map(({ deadLetterId, eventId, partition, offset }) => ({
    log: logNumber,
    partition,
    offset,
    dead_letter: deadLetterId,
    event_id: eventId,
  }));
}
