import { afterEach, describe, expect, test } from "bun:test";
import { PipelineError, createMetrics, encodeEvent, loadConfig, silentLog } from "@tally/shared";
import type { ConsumedRecord, Consumer } from "@tally/shared/kafka";
import type { ConsumerHandlers } from "./owned_partitions.ts";
import { startPipeline, type Pipeline } from "./pipeline.ts";
import { recordHash } from "./positions.ts";
import type { OpenedPartition, Sink, Written } from "./sink.ts";

/** A log of two partitions in memory, read by one consumer. */
class FakeLog {
  readonly values: Buffer[][] = [[], []];
  readonly #fetchFrom = new Map<number, number>();
  readonly paused = new Set<number>();
  handlers: ConsumerHandlers | null = null;
  disconnected = false;

  add(partition: number, ...values: Buffer[]): void {
    this.values[partition]?.push(...values);
  }

  async assign(partitions: number[]): Promise<void> {
    const starts = await this.handlers?.onAssign(partitions);
    for (const [partition, offset] of starts ?? []) this.#fetchFrom.set(partition, Number(offset));
  }

  readonly consumer: Consumer = {
    consume: async (recordsMax) => {
      await Bun.sleep(1); // What a real client does, too: it waits for records.
      const records: ConsumedRecord[] = [];
      for (const [partition, from] of this.#fetchFrom) {
        if (this.paused.has(partition)) continue;
        const values = this.values[partition]?.slice(from, from + recordsMax) ?? [];
        records.push(...values.map((value, index) => toRecord(partition, from + index, value)));
        this.#fetchFrom.set(partition, from + values.length);
      }
      return records;
    },
    pause: (partitions) => partitions.forEach((partition) => this.paused.add(partition)),
    resume: (partitions) => partitions.forEach((partition) => this.paused.delete(partition)),
    seek: async (partition, offset) => {
      this.#fetchFrom.set(partition, Number(offset));
    },
    commit: () => undefined,
    watermarks: async (partition) => ({
      low: 0n,
      high: BigInt(this.values[partition]?.length ?? 0),
    }),
    assigned: [0, 1],
    disconnect: async () => {
      this.disconnected = true;
    },
  };
}

function toRecord(partition: number, offset: number, value: Buffer): ConsumedRecord {
  return {
    topic: "events",
    partition,
    offset: BigInt(offset),
    timestampMs: 0,
    key: null,
    value,
    headers: [],
  };
}

function eventOf(eventId: string): Buffer {
  const at = "2026-01-31T07:00:00.000Z";
  return Buffer.from(
    encodeEvent({ eventId, sessionId: "s", eventType: "t", ts: at, receivedAt: at, payload: "1" }),
  );
}

/** A sink in memory whose next writes can be made to fail or to wait. */
class FakeSink implements Sink {
  readonly name = "postgres";
  readonly limits = { recordsMax: 3, bytesMax: 10_000, ageMsMax: 1, hourly: false };
  readonly positions = new Map<number, OpenedPartition>();
  readonly stored: string[] = [];
  readonly failures: unknown[] = [];
  gate: Promise<void> = Promise.resolve();

  async open(partition: number): Promise<OpenedPartition> {
    return (
      this.positions.get(partition) ?? {
        nextOffset: null,
        lastHash: null,
        plannedLastOffsets: [],
        stopped: null,
      }
    );
  }
  async begin(partition: number, nextOffset: bigint): Promise<void> {
    this.positions.set(partition, {
      nextOffset,
      lastHash: null,
      plannedLastOffsets: [],
      stopped: null,
    });
  }
  async idle(): Promise<void> {}
  async stop(partition: number, stopped: string): Promise<void> {
    this.positions.set(partition, { ...(await this.open(partition)), stopped });
  }
  async write(batch: Parameters<Sink["write"]>[0]): Promise<Written> {
    await this.gate;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const position = await this.open(batch.partition);
    if (position.nextOffset !== batch.firstOffset)
      throw new PipelineError("position_moved", "Cannot write: moved");
    const ids = batch.records.flatMap(({ decoded }) =>
      "eventId" in decoded ? [decoded.eventId] : [],
    );
    this.stored.push(...ids);
    const lastHash = recordHash(batch.records.at(-1)?.record.value ?? null);
    this.positions.set(batch.partition, { ...position, nextOffset: batch.nextOffset, lastHash });
    return { batch, events: ids.length, duplicates: 0, deadLetters: [], already: false };
  }
}

let running: Pipeline | null = null;
afterEach(async () => {
  await running?.stop(100);
  running = null;
});

async function start(log: FakeLog, sink: FakeSink, env: Record<string, string> = {}) {
  const seen = { written: 0, failures: [] as (string | null)[], defects: [] as unknown[] };
  const metrics = createMetrics("processor");
  const pipeline = await startPipeline({
    sink,
    topicId: "topic-id",
    connect: async (handlers) => {
      log.handlers = handlers;
      return log.consumer;
    },
    config: loadConfig({ PROCESSOR_BACKOFF_MS_MAX: "100", ...env }, "processor").processor,
    log: silentLog(),
    metrics,
    now: () => performance.now(),
    random: () => 0,
    onWritten: (written) => (seen.written += written.events),
    onFailed: (error) => seen.failures.push(error?.code ?? null),
    onDefect: (error) => seen.defects.push(error),
  });
  running = pipeline;
  await log.assign([0, 1]);
  return { pipeline, metrics, seen };
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 3000;
  while (!isTrue()) {
    if (performance.now() > deadline)
      throw new Error("Cannot go on: the condition did not come true in 3 s");
    await Bun.sleep(1);
  }
}

describe("startPipeline()", () => {
  test("startPipeline() writes each partition in order and announces it", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    const ids = Array.from({ length: 20 }, (_, n) => `a-${n}`);
    log.add(0, ...ids.map(eventOf));

    const { seen } = await start(log, sink);
    await until(() => seen.written === 20);

    expect(sink.stored).toEqual(ids);
  });

  test("startPipeline() repeats a write while the world is at fault and says so once", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("a"));
    sink.failures.push(
      new PipelineError("database_unavailable", "1"),
      new PipelineError("database_unavailable", "2"),
    );

    const { seen, metrics } = await start(log, sink);
    await until(() => seen.written === 1);

    expect(seen.failures).toEqual(["database_unavailable", "database_unavailable", null]);
    const exposed = await metrics.expose();
    expect(exposed).toContain(
      'processor_write_errors_total{sink="postgres",code="database_unavailable"} 2',
    );
    expect(exposed).toContain('processor_paused{sink="postgres"} 0');
  });

  test("startPipeline() opens a partition again when somebody else wrote, and goes on there", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("a"), eventOf("b"), eventOf("c"));
    const gate = Promise.withResolvers<void>();
    sink.gate = gate.promise;
    const { seen, metrics } = await start(log, sink);
    sink.positions.set(0, {
      nextOffset: 2n,
      lastHash: recordHash(eventOf("b")),
      plannedLastOffsets: [],
      stopped: null,
    });

    gate.resolve();
    await until(() => seen.written === 1);

    expect(sink.stored).toEqual(["c"]);
    expect(await metrics.expose()).toContain('processor_fence_hits_total{sink="postgres"} 1');
  });

  test("startPipeline() stops a partition whose log was replaced, and only that one", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("other"), eventOf("next"));
    log.add(1, eventOf("b"));
    sink.positions.set(0, {
      nextOffset: 1n,
      lastHash: recordHash(eventOf("a")),
      plannedLastOffsets: [],
      stopped: null,
    });

    const { pipeline, seen } = await start(log, sink);
    await until(() => pipeline.stopped.size === 1 && seen.written === 1);

    expect(sink.stored).toEqual(["b"]);
    expect(pipeline.stopped.get(0)).toStartWith("log_replaced");
    expect((await sink.open(0)).stopped).toStartWith("log_replaced");
  });

  test("startPipeline() pauses a full partition, keeps memory bounded, and resumes it", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    const gate = Promise.withResolvers<void>();
    sink.gate = gate.promise;
    const { seen } = await start(log, sink, {
      PROCESSOR_PARTITION_RECORDS_MAX: "100",
      PROCESSOR_BATCH_RECORDS_MAX: "3",
    });

    log.add(0, ...Array.from({ length: 100 }, (_, n) => eventOf(`a-${n}`)));
    await until(() => log.paused.has(0));
    log.add(0, eventOf("last"));
    gate.resolve();
    await until(() => seen.written === 101);

    expect(log.paused.has(0)).toBeFalse();
  });

  test("stop() writes what is buffered and gives the partitions back", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    const gate = Promise.withResolvers<void>();
    sink.gate = gate.promise;
    log.add(0, ...Array.from({ length: 10 }, (_, n) => eventOf(`a-${n}`)));
    const { pipeline } = await start(log, sink);
    await until(() => log.values[0]?.length === 10);

    const stopping = pipeline.stop(2000);
    gate.resolve();
    await stopping;

    expect(new Set(sink.stored).size).toBe(sink.stored.length);
    expect((await sink.open(0)).nextOffset).toBe(BigInt(sink.stored.length));
    expect(log.disconnected).toBeTrue();
  });

  test("onRevoke() ends the partition: nothing of it is written afterwards", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("a"));
    sink.failures.push(
      ...Array.from({ length: 50 }, () => new PipelineError("database_unavailable", "away")),
    );
    const { seen } = await start(log, sink);
    await until(() => seen.failures.length > 0);

    await log.handlers?.onRevoke([0], true);
    sink.failures.length = 0;
    log.add(1, eventOf("b"));
    await until(() => seen.written === 1);

    expect(sink.stored).toEqual(["b"]);
  });

  test("startPipeline() tells a defect instead of going on", async () => {
    const [log, sink] = [new FakeLog(), new FakeSink()];
    log.add(0, eventOf("a"));
    const defect = new TypeError("ours");
    sink.failures.push(defect);

    const { seen } = await start(log, sink);
    await until(() => seen.defects.length > 0);

    expect(seen.defects).toEqual([defect]);
    expect(sink.stored).toEqual([]);
  });
});
