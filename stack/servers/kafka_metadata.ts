/**
 * Asks a broker for its metadata with the plain wire protocol. Kafka opens its
 * port before it can serve; an answer that names a broker means that it can.
 */
import { withinTime } from "@tally/shared";

const CLIENT_ID = Buffer.from("tally");

/** Metadata request, version 1, for no topics: the answer names the brokers only. */
const METADATA_REQUEST = Buffer.concat([
  int32(2 + 2 + 4 + 2 + CLIENT_ID.length + 4), // size of what follows
  int16(3), // api key: Metadata
  int16(1), // api version
  int32(1), // correlation id
  int16(CLIENT_ID.length),
  CLIENT_ID,
  int32(0), // number of topics
]);

/** Bytes of a response before the number of brokers: size and correlation id. */
const BROKERS_AT = 8;

/** Longest wait for one answer (ms). */
const ANSWER_MS_MAX = 1_000;

/** Whether the broker answers and knows itself as a member of the cluster. */
export async function answersMetadata(address: { host: string; port: number }): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let answer = Buffer.alloc(0);
  const connecting = Bun.connect({
    hostname: address.host,
    port: address.port,
    socket: {
      open: (socket) => {
        socket.write(METADATA_REQUEST);
      },
      data: (_socket, bytes) => {
        answer = Buffer.concat([answer, bytes]);
        const brokers = brokerCount(answer);
        if (brokers !== null) resolve(brokers > 0);
      },
      close: () => resolve(false),
      error: () => resolve(false),
      connectError: () => resolve(false),
    },
  });
  const isMember = await withinTime(promise, ANSWER_MS_MAX);
  // A refused connection has been answered above already.
  await connecting.then(
    (socket) => socket.end(),
    () => undefined,
  );
  return isMember ?? false;
}

/** Number of brokers that a response names; null while it is too short to tell. */
export function brokerCount(response: Buffer): number | null {
  return response.length < BROKERS_AT + 4 ? null : response.readInt32BE(BROKERS_AT);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
