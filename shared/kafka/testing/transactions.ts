/** Another producer's transactions, for tests of what they leave in a log. Test support. */
import { loadClient, type NativeProducer } from "../client.ts";

/** Records of one transaction. */
export type TransactionRecords = readonly {
  readonly partition: number;
  readonly key: string;
  readonly value: Buffer;
}[];

/** A producer that writes in transactions, one at a time. */
export interface Transactions {
  /**
   * Writes records and ends their transaction. Afterwards each partition of them holds one more
   * offset, the marker; when aborted, no reader gets the records either.
   */
  run(records: TransactionRecords, outcome: "commit" | "abort"): Promise<void>;
  close(): Promise<void>;
}

const ANSWER_MS_MAX = 20_000;
const POLL_MS = 5;

/** @param id Not used by another producer: that one could not continue. */
export async function connectTransactions(
  bootstrapServers: string,
  { topic, id }: { readonly topic: string; readonly id: string },
): Promise<Transactions> {
  const { Producer } = await loadClient();
  const client: NativeProducer = new Producer(
    { "bootstrap.servers": bootstrapServers, "transactional.id": id, "linger.ms": 0 },
    {},
  );
  client.setPollInterval(POLL_MS);
  await answer((done) => client.connect({}, done));
  await answer((done) => client.initTransactions(ANSWER_MS_MAX, done));
  return {
    async run(records, outcome) {
      await answer((done) => client.beginTransaction(done));
      for (const { partition, key, value } of records) {
        client.produce(topic, partition, value, key, Date.now());
      }
      // An abort throws away what was not sent yet: then the log would hold less than was written.
      await answer((done) => client.flush(ANSWER_MS_MAX, done));
      await answer((done) =>
        outcome === "commit"
          ? client.commitTransaction(ANSWER_MS_MAX, done)
          : client.abortTransaction(ANSWER_MS_MAX, done),
      );
    },
    close: () => answer((done) => client.disconnect(done)),
  };
}

function answer(ask: (done: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    ask((error) => (error ? reject(error) : resolve()));
  });
}
