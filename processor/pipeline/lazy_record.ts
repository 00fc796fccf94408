/** A record that is decoded on first use. The archive seldom needs it decoded. */
import { decodeRecord, PipelineError, type DecodedEvent, type RecordFault } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";
import type { DecodedRecord } from "./sink.ts";

/** Decoding is pure, so it does not matter when it happens. It happens at most once. */
export class LazyRecord implements DecodedRecord {
  readonly record: ConsumedRecord;
  readonly #topicId: string;
  #decoded: DecodedEvent | RecordFault | null = null;

  /** @param topicId Part of the ids made for records without one. */
  constructor(record: ConsumedRecord, topicId: string) {
    this.record = record;
    this.#topicId = topicId;
  }

  /** @throws {PipelineError} `internal`: a defect, because decoding never throws. */
  get decoded(): DecodedEvent | RecordFault {
    return (this.#decoded ??= this.#decode());
  }

  #decode(): DecodedEvent | RecordFault {
    try {
      return decodeRecord(this.record, this.#topicId);
    } catch (cause) {
      // Marked `internal`; otherwise a sink would treat it as a database error and retry for ever.
      const place = `record ${this.record.offset} of partition ${this.record.partition}`;
      throw new PipelineError("internal", `Cannot decode ${place}`, { cause });
    }
  }
}
