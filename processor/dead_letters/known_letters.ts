/**
 * Dead letters at offsets that are read again, after a rewind for example. Such an
 * offset stays a dead letter, even when this version would accept its record or
 * PostgreSQL its row now: the archive has no line for it. Only a resend is judged again.
 */
import type { ErrorCode, RecordFault } from "@tally/shared";
import { guarded, type Database } from "../database/database.ts";
import type { Batch } from "../pipeline/sink.ts";
import type { DeadLetterFault } from "./dead_letter.ts";

/** Finds the dead letters of one log. Looks into the table only where there can be some. */
export class KnownLetters {
  readonly #sql: Database;
  readonly #logNumber: number;
  /** Highest offset of a dead letter by partition, -1 when there is none. */
  readonly #lastOffsets = new Map<number, bigint>();

  constructor(sql: Database, logNumber: number) {
    this.#sql = sql;
    this.#logNumber = logNumber;
  }

  /**
   * Reads where the dead letters of a partition end; another owner may have written some.
   *
   * @throws {PipelineError} `database_unavailable`, retryable.
   */
  async open(partition: number): Promise<void> {
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
    const faults = await this.#readFaults(batch);
    if (faults.size === 0) return batch;
    const marked = records.map((entry) => {
      const decoded = faults.get(entry.record.offset);
      return decoded === undefined ? entry : { record: entry.record, decoded };
    });
    return { ...batch, records: marked };
  }

  async #readLastOffset(partition: number): Promise<bigint> {
    const sql = this.#sql;
    const last = await guarded(async () => {
      const [row] = await sql<{ last: string | null }[]>`
        select max("offset")::text as last from dead_letters
        where log = ${this.#logNumber} and partition = ${partition}`;
      return BigInt(row?.last ?? -1);
    });
    this.#lastOffsets.set(partition, last);
    return last;
  }

  #readFaults({ partition, firstOffset, nextOffset }: Batch): Promise<Map<bigint, RecordFault>> {
    const sql = this.#sql;
    return guarded(async () => {
      const rows = await sql<LetterRow[]>`
        select "offset"::text, code, pointer, message, event_id from dead_letters
        where log = ${this.#logNumber} and partition = ${partition}
          and "offset" >= ${String(firstOffset)} and "offset" < ${String(nextOffset)}`;
      return new Map(rows.map((row) => [BigInt(row.offset), faultOf(row)]));
    });
  }
}

interface LetterRow {
  readonly offset: string;
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  readonly event_id: string | null;
}

function faultOf({ code, pointer, message, event_id: eventId }: LetterRow): DeadLetterFault {
  // A newer version may have used a code that this one does not know. It is only counted here.
  const fault = { code: code as ErrorCode, pointer, message };
  return eventId === null ? fault : { ...fault, eventId };
}
