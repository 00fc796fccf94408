/** Calls of the client about one partition, as promises. */
import type { Watermarks } from "./assignment_events.ts";
import type { NativeConsumer } from "./client.ts";
import { pipelineError } from "./connection.ts";

/**
 * Reads from the leader between which offsets a partition can be read.
 *
 * @throws {PipelineError} `broker_unavailable`, also while no client is connected.
 */
export async function readWatermarks(
  client: NativeConsumer | null,
  { topic, partition, timeoutMs }: { topic: string; partition: number; timeoutMs: number },
): Promise<Watermarks> {
  const action = `Cannot read the watermarks of "${topic}"`;
  if (client === null) throw pipelineError(action, new Error("no broker has answered yet"));
  return await new Promise((resolve, reject) => {
    client.queryWatermarkOffsets(topic, partition, timeoutMs, (error, offsets) => {
      if (error) reject(pipelineError(action, error));
      else resolve({ low: BigInt(offsets.lowOffset), high: BigInt(offsets.highOffset) });
    });
  });
}

/** The leader may be down: the client gives a seek up after this time. */
const SEEK_MS_MAX = 1000;

/**
 * Moves a partition that the client holds.
 *
 * @throws {PipelineError} Its cause has the code `state` when the partition has no fetcher.
 */
export async function seekTo(
  client: NativeConsumer,
  target: { readonly topic: string; readonly partition: number; readonly offset: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.seek(target, SEEK_MS_MAX, (error) => {
      if (error) reject(pipelineError(`Cannot seek in "${target.topic}"`, error));
      else resolve();
    });
  });
}
