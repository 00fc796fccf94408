/**
 * The partition of a key, as the producer's partitioner `murmur2_random` and Kafka's
 * Java client choose it: ingest knows before publishing which partition an event needs.
 */

/** Constants of MurmurHash 2; the seed is that of Kafka's Java client. */
const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;

/** @param partitions Number of partitions of the topic; 1 or more. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}

/** Kafka's variant of MurmurHash 2, as a signed number of 32 bits. */
export function murmur2(bytes: Buffer): number {
  const { length } = bytes;
  let hash = SEED ^ length;
  const wholeLength = length & ~3;
  for (let at = 0; at < wholeLength; at += 4) {
    let word = Math.imul(bytes.readInt32LE(at), MULTIPLIER);
    word = Math.imul(word ^ (word >>> SHIFT), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  const rest = length - wholeLength;
  if (rest === 3) hash ^= (bytes[wholeLength + 2] ?? 0) << 16;
  if (rest >= 2) hash ^= (bytes[wholeLength + 1] ?? 0) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[wholeLength] ?? 0), MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}
