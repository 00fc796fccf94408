/**
 * What a broker, or the client itself, refuses because of a right, a setting, a clock or a missing
 * library, and not because of the record: it is stored or read once an operator has changed that,
 * or through another service or broker.
 */

const BY_CODE: ReadonlyMap<number, string> = new Map([
  [
    -170, // local: not implemented, which a consumer reports for records in a codec that it lacks
    "Install libzstd-dev on this machine, remove ~/.cache/tally and start the service again: its Kafka client was built without zstd, and the topic holds records in zstd.",
  ],
  [-188, "Create the topic: it does not exist, and no client of Tally makes one."], // local
  [17, "Set the topic's name to one that Kafka allows."], // invalid topic
  [29, "Allow this service's user to write to and describe the topic in Kafka's ACLs."], // topic
  [30, "Allow this service's user to read as its consumer groups in Kafka's ACLs."], // group
  [31, "Allow this service's user IdempotentWrite on the cluster in Kafka's ACLs."], // cluster
  [
    32, // invalid timestamp
    "Set the clock of this machine and those of the brokers by NTP: they differ by more than the topic's message.timestamp.after.max.ms (an hour by default).",
  ],
  [43, "Raise the brokers' message format to version 2."], // unsupported for message format
  [44, "Change the policy of the brokers that forbids this."], // policy violation
]);

/** What an operator has to change, as one sentence; null when the code blames the record. */
export function remedyOf(code: number): string | null {
  return BY_CODE.get(code) ?? null;
}
