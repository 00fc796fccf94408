/**
 * The numbers of event types by partition, as far as this process knows them. They only grow, and
 * `positions.counted_types` says how many there are: a statement that is sent with fewer, or with
 * those of another state of the database, changes nothing.
 */
import { guarded, translate, type Database } from "@tally/shared/database";
import { isNumberedMeanwhile, registerTypes, TYPES_MAX } from "../counts/type_registry.ts";

type Numbers = ReadonlyMap<string, number>;

/** Reads and keeps the numbers of one log. */
export class TypeNumbers {
  readonly #sql: Database;
  readonly #logNumber: number;
  readonly #known = new Map<number, Numbers>();

  constructor(sql: Database, logNumber: number) {
    this.#sql = sql;
    this.#logNumber = logNumber;
  }

  /**
   * The numbers of a partition after these types have got theirs. Null when that must wait for
   * another transaction: `WRITE_BATCH` numbers types itself.
   *
   * @throws {PipelineError} `database_unavailable`, retryable.
   */
  async of(partition: number, types: ReadonlySet<string>): Promise<Numbers | null> {
    const known = this.#known.get(partition);
    if (known !== undefined && covers(known, types)) return known;
    this.#known.delete(partition);
    let read = await this.#read(partition);
    if (!covers(read, types)) {
      await this.#register(partition, types);
      read = await this.#read(partition);
    }
    if (!covers(read, types)) return null;
    this.#known.set(partition, read);
    return read;
  }

  /** Forgets a partition, whose types may have changed. */
  forget(partition: number): void {
    this.#known.delete(partition);
  }

  async #read(partition: number): Promise<Numbers> {
    const sql = this.#sql;
    const rows = await guarded(
      sql,
      () => sql<{ event_type: string; number: number }[]>`
        select event_type, number from counted_types
        where log = ${this.#logNumber} and partition = ${partition}`,
    );
    return new Map(rows.map(({ event_type, number }) => [event_type, number]));
  }

  async #register(partition: number, types: ReadonlySet<string>): Promise<void> {
    const place = { log: this.#logNumber, partition, types: [...types] };
    try {
      await registerTypes(this.#sql, place);
    } catch (error) {
      if (!isNumberedMeanwhile(error)) throw translate(error);
    }
  }
}

function covers(known: Numbers, types: ReadonlySet<string>): boolean {
  return known.size >= TYPES_MAX || [...types].every((type) => known.has(type));
}
