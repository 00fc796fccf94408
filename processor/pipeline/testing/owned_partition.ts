/** Partition 1 without a pipeline around it, for tests of its transitions. */
import { createMetrics, loadConfig, silentLog } from "@tally/shared";
import { OwnedPartition, type OwnedPartitionOptions } from "../owned_partition.ts";
import type { PartitionBuffer } from "../partition_buffer.ts";
import { FakeSink } from "./pipeline.ts";

/** One partition, and everything that its life depends on. */
export class PartitionWorld {
  readonly sink = new FakeSink();
  readonly metrics = createMetrics("processor");
  readonly stopping = new AbortController();
  readonly defects: unknown[] = [];
  readonly seeks: { offset: bigint; done: () => void }[] = [];
  /** The writers that have begun. The test ends each of them. */
  readonly writers: { buffer: PartitionBuffer; end: PromiseWithResolvers<void> }[] = [];
  watermarks: () => Promise<{ low: bigint; high: bigint }> = async () => ({ low: 0n, high: 100n });
  stopChanges = 0;
  readonly owned: OwnedPartition;

  constructor(changes: Partial<OwnedPartitionOptions> = {}) {
    this.sink.positions.set(1, POSITION);
    this.owned = new OwnedPartition(1, {
      sink: this.sink,
      config: loadConfig({}, "processor").processor,
      log: silentLog(),
      metrics: this.metrics,
      now: () => 0,
      stopping: this.stopping.signal,
      consumer: Promise.resolve({ watermarks: () => this.watermarks() }),
      checkLog: async () => undefined,
      retry: async (run, signal) => (signal.aborted ? null : await run()),
      write: (buffer) => {
        const end = Promise.withResolvers<void>();
        this.writers.push({ buffer, end });
        return end.promise;
      },
      onStopChanged: () => this.stopChanges++,
      onDefect: (error) => this.defects.push(error),
      ...changes,
    });
  }

  /** Opens the partition and hands its start over in time. */
  async run(): Promise<PartitionBuffer> {
    await this.owned.open(() => true);
    return this.held();
  }

  held(): PartitionBuffer {
    if (this.owned.buffer === null) throw new Error("Cannot use the buffer: nothing is held");
    return this.owned.buffer;
  }

  /** Begins the seek that is due; `seeks` has its offset and ends it. */
  seek(): void {
    this.owned.seek({
      seek: (_, offset) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.seeks.push({ offset, done: resolve });
        return promise;
      },
    });
  }
}

/** Where the sink stands when a world begins. */
export const POSITION = {
  nextOffset: 10n,
  lastHash: null,
  plannedLastOffsets: [],
  stopped: null,
} as const;

/** Runs all pending work that does not wait for the test. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
