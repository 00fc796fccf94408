/** A producer for tests: keeps what it is given and answers when and how the test says. */
import { PipelineError, type ErrorCode } from "@tally/shared";
import type { OnDelivery, OutgoingRecord, Producer } from "@tally/shared/kafka";

/** What happens to records: acknowledged at once, failed at once, or kept until the test says. */
export type Answering = "acknowledge" | "hold" | ErrorCode;

interface Held {
  readonly record: OutgoingRecord;
  readonly index: number;
  readonly onDelivery: OnDelivery;
}

/** See the file's first line. */
export class FakeProducer implements Producer {
  answering: Answering = "acknowledge";
  reachable = true;
  isDisconnected = false;
  /** Acknowledged records, by offset; all in partition 0. */
  readonly log: OutgoingRecord[] = [];
  #held: Held[] = [];

  get queuedRecords(): number {
    return this.#held.length;
  }

  get queuedBytes(): number {
    return this.#held.reduce((bytes, { record }) => bytes + (record.value?.length ?? 0), 0);
  }

  produceBatch(_topic: string, records: readonly OutgoingRecord[], onDelivery: OnDelivery): void {
    this.#held.push(...records.map((record, index) => ({ record, index, onDelivery })));
    if (this.answering !== "hold") this.answerHeld(this.answering);
  }

  /** Answers for held records, all or the first few. */
  answerHeld(
    answering: Exclude<Answering, "hold"> = "acknowledge",
    count = this.#held.length,
  ): void {
    for (const { record, index, onDelivery } of this.#held.splice(0, count)) {
      if (answering === "acknowledge") {
        const offset = BigInt(this.log.push(record) - 1);
        onDelivery(index, { partition: 0, offset });
      } else {
        onDelivery(index, new PipelineError(answering, "Cannot publish: the test says so"));
      }
    }
  }

  flush(): Promise<boolean> {
    return Promise.resolve(this.#held.length === 0);
  }

  isReachable(): Promise<boolean> {
    return Promise.resolve(this.reachable);
  }

  disconnect(): Promise<void> {
    this.isDisconnected = true;
    this.answerHeld("broker_unavailable");
    return Promise.resolve();
  }
}
