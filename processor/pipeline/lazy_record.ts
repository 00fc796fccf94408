/** A record that is decoded when somebody first asks: the archive seldom does. */
import { decodeRecord, PipelineError, type DecodedEvent, type RecordFault } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";
import type { DecodedRecord } from "./sink.ts";

/** Decoding is pure, so it does not matter when it happens; it happens once. */
export class LazyRecord implements DecodedRecord {
  readonly record: ConsumedRecord;
  readonly #topicId: string;
  #decoded: DecodedEvent | RecordFault | null = null;

  /** @param topicId Part of the ids made for records without one. */
  constructor(record: ConsumedRecord, topicId: string) {
    this.record = record;
    this.#topicId = topicId;
  }

  /** @throws {PipelineError} `internal`: decoding itself is at fault, as it never throws. */
  get decoded(): DecodedEvent | RecordFault {
    return (this.#decoded ??= this.#decode());
  }

  #decode(): DecodedEvent | RecordFault {
    try {
      return decodeRecord(this.record, this.#topicId);
    } catch (cause) {
      // Told apart here: a sink would take it for the database's, and repeat it for ever.
      const place = `record ${this.record.offset} of partition ${this.record.partition}`;
      throw new PipelineError("internal", `Cannot decode ${place}`, { cause });
    }
  }
}
