/** A record that is decoded when somebody first asks: the archive seldom does. */
import { decodeRecord, type DecodedEvent, type RecordFault } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";
import type { DecodedRecord } from "./sink.ts";

/** Decoding is pure, so it does not matter when it happens; it happens once. */
export class LazyRecord implements DecodedRecord {
  readonly record: ConsumedRecord;
  private readonly topicId: string;
  private found: DecodedEvent | RecordFault | null = null;

  /** @param topicId Part of the ids made for records without one. */
  constructor(record: ConsumedRecord, topicId: string) {
    this.record = record;
    this.topicId = topicId;
  }

  get decoded(): DecodedEvent | RecordFault {
    return (this.found ??= decodeRecord(this.record, this.topicId));
  }
}
