/** Rows, archive objects and dead letters for the programs that try the interfaces. */
import { eventually } from "@tally/shared";
import { connectProducer } from "@tally/shared/kafka";
import type { System } from "../system/system.ts";

const EVENTS = 50;
const SEEN_MS_MAX = 60_000;

/** Gives the routes something to show: rows, archive objects and a dead letter. */
export async function fillSystem(
  system: System,
  key?: string,
): Promise<{ event: string; letter: string }> {
  const url = system.processors[0].url;
  const events = Array.from({ length: EVENTS }, (_, at) => ({
    eventId: `check-${at}`,
    sessionId: `s-${at % 5}`,
    eventType: `t-${at % 3}`,
    payload: { at },
  }));
  const auth = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const headers = { "content-type": "application/json", ...auth };
  const body = JSON.stringify(events);
  await fetch(`${system.ingests[0].url}/events`, { method: "POST", headers, body });
  await produceBadRecord(system);
  const read = async <T>(path: string) =>
    (await (await fetch(`${url}${path}`, { headers: auth })).json()) as T;
  const letters = () => read<{ deadLetters: { id: string }[] }>("/dead-letters");
  const isFilled = async () =>
    (await letters()).deadLetters.length > 0 &&
    (await read<{ objects: unknown[] }>("/archive/objects?state=stored")).objects.length > 0;
  if (!(await eventually(isFilled, SEEN_MS_MAX))) throw new Error("The system shows no rows");
  return { event: "check-0", letter: (await letters()).deadLetters[0]?.id ?? "" };
}

/** Publishes a record that becomes a dead letter. */
export async function produceBadRecord({ stack, topic }: System): Promise<void> {
  const producer = await connectProducer(stack.kafka, {
    lingerMs: 1,
    messageTimeoutMs: 30_000,
    queueRecordsMax: 10,
    queueBytesMax: 1_000_000,
    compression: "none",
    connectTimeoutMs: 10_000,
  });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const record = { key: "k", value: Buffer.from("not JSON"), timestampMs: 0, headers: [] };
  producer.produceBatch(topic, [record], (_, outcome) => resolve(outcome));
  await promise;
  await producer.disconnect(5000);
}
