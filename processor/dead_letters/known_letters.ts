/**
 * Dead letters at offsets that are read again, after a rewind for example. Such an
 * offset stays a dead letter, even when this version would accept its record or
 * PostgreSQL its row now: the archive has no line for it. Only a resend is judged again.
 */
import type { ErrorCode } from "@tally/shared";
import { guarded, type Database } from "@tally/shared/database";
import type { Batch } from "../pipeline/sink.ts";
import type { TopicLog } from "../pipeline/positions.ts";
import type { DeadLetterFault } from "./dead_letter.ts";

/** Where letters come from that were set aside after the dump of this database. */
export interface LearnedLetters {
  /**
   * Brings letters into the table that it lacks.
   *
   * @throws {PipelineError} `database_unavailable`, retryable.
   */
  learn(): Promise<void>;
  /** Forgets those whose record is another one. */
  reject(partition: number, offsets: readonly bigint[]): Promise<void>;
}

/** Finds the dead letters of one log. Looks into the table only where there can be some. */
export class KnownLetters {
  readonly #sql: Database;
  readonly #logNumber: number;
  readonly #learned: LearnedLetters | null;
  /** Highest offset of a dead letter by partition, -1 when there is none. */
  readonly #lastOffsets = new Map<number, bigint>();

  constructor(sql: Database, { logNumber }: TopicLog, learned: LearnedLetters | null) {
    this.#sql = sql;
    this.#logNumber = logNumber;
    this.#learned = learned;
  }

  /**
   * Reads where the dead letters of a partition end; another owner may have written some, and the
   * database may be one of long ago.
   *
   * @throws {PipelineError} `database_unavailable`, retryable.
   */
  async open(partition: number): Promise<void> {
    await this.#learned?.learn();
    await this.#readLastOffset(partition);
  }

  /** Notes that a batch with dead letters was written. */
  note({ partition, nextOffset }: Batch): void {
    const last = this.#lastOffsets.get(partition) ?? -1n;
    if (nextOffset - 1n > last) this.#lastOffsets.set(partition, nextOffset - 1n);
  }

  /**
   * The batch with the faults of its dead letters, or the batch itself when it has none.
   *
   * @throws {PipelineError} `database_unavailable`, retryable.
   */
  async mark(batch: Batch): Promise<Batch> {
    const { partition, firstOffset, records } = batch;
    const last = this.#lastOffsets.get(partition) ?? (await this.#readLastOffset(partition));
    if (firstOffset > last) return batch;
    const letters = await this.#readLetters(batch);
    if (letters.size === 0) return batch;
    await this.#rejectOthers(batch, letters);
    const marked = records.map((entry) => {
      const letter = letters.get(entry.record.offset);
      return letter === undefined ? entry : { record: entry.record, decoded: faultOf(letter) };
    });
    return { ...batch, records: marked };
  }

  /** Leaves out learned letters whose record is not in the batch, or has another time. */
  async #rejectOthers(
    { partition, records }: Batch,
    letters: Map<bigint, LetterRow>,
  ): Promise<void> {
    if (this.#learned === null) return;
    const times = new Map(
      records.map(({ record: { offset, timestampMs } }) => [offset, String(timestampMs)]),
    );
    const others = [...letters].filter(
      ([offset, { is_learned, record_timestamp_ms }]) =>
        is_learned && times.get(offset) !== record_timestamp_ms,
    );
    if (others.length === 0) return;
    const offsets = others.map(([offset]) => offset);
    await this.#learned.reject(partition, offsets);
    for (const offset of offsets) letters.delete(offset);
  }

  async #readLastOffset(partition: number): Promise<bigint> {
    const sql = this.#sql;
    const last = await guarded(sql, async () => {
      const [row] = await sql<{ last: string | null }[]>`
        select max("offset")::text as last from dead_letters
        where log = ${this.#logNumber} and partition = ${partition}`;
      return BigInt(row?.last ?? -1);
    });
    this.#lastOffsets.set(partition, last);
    return last;
  }

  #readLetters({ partition, firstOffset, nextOffset }: Batch): Promise<Map<bigint, LetterRow>> {
    const sql = this.#sql;
    return guarded(sql, async () => {
      const rows = await sql<LetterRow[]>`
        select "offset"::text, code, pointer, message, event_id, record_timestamp_ms::text,
          cleared_at is not null and resolved_at is null as is_learned
        from dead_letters
        where log = ${this.#logNumber} and partition = ${partition}
          and "offset" >= ${String(firstOffset)} and "offset" < ${String(nextOffset)}`;
      return new Map(rows.map((row) => [BigInt(row.offset), row]));
    });
  }
}

interface LetterRow {
  readonly offset: string;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly event_id: string | null;
  readonly record_timestamp_ms: string;
  /** Whether it was learned from the DLQ topic and its record not read since. */
  readonly is_learned: boolean;
}

function faultOf({ code, pointer, message, event_id: eventId }: LetterRow): DeadLetterFault {
  // A newer version may have used a code that this one does not know. It is only counted here.
  const fault = { code: code as ErrorCode, pointer, message };
  return eventId === null ? fault : { ...fault, eventId };
}
