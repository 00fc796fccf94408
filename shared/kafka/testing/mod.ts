/** What operators and brokers do to a log, for tests of other packages. Test support. */
import { loadClient } from "../client.ts";

export { KAFKA_MISTAKES, loginOptions, type KafkaMistake } from "./kafka_mistakes.ts";
export { connectTransactions, type Transactions } from "./transactions.ts";

/** Removes the records of a partition before an offset, as retention does. */
export async function deleteRecords(
  bootstrapServers: string,
  topic: string,
  { partition, before }: { readonly partition: number; readonly before: bigint },
): Promise<void> {
  const { AdminClient } = await loadClient();
  const client = AdminClient.create({ "bootstrap.servers": bootstrapServers });
  await new Promise<void>((resolve, reject) => {
    client.deleteRecords([{ topic, partition, offset: Number(before) }], {}, (error) =>
      error ? reject(error) : resolve(),
    );
  });
  client.disconnect();
}
