/** The processor: batches, archive objects, frames. */
import { joinLines } from "@tally/processor/archive/lines";
import { Batcher } from "@tally/processor/pipeline/batcher";
import { computeFrame } from "@tally/processor/live/frame";
import { input, NOW_MS, partition, totals, look } from "@tally/processor/live/testing/frames";
import { encodeEvent } from "@tally/shared";
import type { ConsumedRecord } from "@tally/shared/kafka";
import { bench, do_not_optimize, group } from "mitata";

import { acceptedEvents, INPUTS, inTurn, RECEIVED_AT_MS } from "./bench_events.ts";

const BATCH_RECORDS = 1000;
const lines = acceptedEvents.map((event) => Buffer.from(encodeEvent(event)));

/** Batches of a thousand records, each starting with a different record. */
const recordBatches: readonly ConsumedRecord[][] = Array.from({ length: 16 }, (_, batch) =>
  Array.from({ length: BATCH_RECORDS }, (_record, index) => ({
    topic: "events",
    partition: 0,
    offset: BigInt(index),
    timestampMs: RECEIVED_AT_MS,
    key: null,
    value: lines[(batch * 61 + index) % INPUTS] ?? null,
    headers: [],
  })),
);

group("the processor", () => {
  const limits = { recordsMax: BATCH_RECORDS, bytesMax: 8e6, ageMsMax: 1000, hourly: true };
  const nextRecords = inTurn(recordBatches);
  bench("Batcher, 1,000 records", () => {
    const batcher = new Batcher({ partition: 0, limits, nextOffset: 0n, plannedLastOffsets: [] });
    for (const record of nextRecords()) batcher.add(record, NOW_MS);
    return do_not_optimize(batcher.take(NOW_MS));
  });

  const nextLines = inTurn(
    recordBatches.map((records) =>
      records.map(({ offset, value }) => ({ offset, line: value ?? Buffer.alloc(0) })),
    ),
  );
  bench("joinLines() 1,000 lines", () => do_not_optimize(joinLines(nextLines())));

  const nextInput = inTurn(Array.from({ length: INPUTS }, (_, number) => frameInput(number)));
  bench("computeFrame() to text, 6 partitions", () =>
    do_not_optimize(JSON.stringify(computeFrame(nextInput()).frame)),
  );
});

/** The input of a frame while six partitions move. */
function frameInput(number: number) {
  const numbers = [0, 1, 2, 3, 4, 5] as const;
  const rowsAt = (events: number) =>
    numbers.map((each) => partition(each, { nextOffset: BigInt(events), records: events, events }));
  const at = number * 100;
  const high = Object.fromEntries(numbers.map((each) => [each, BigInt(at + 50)]));
  return input({
    totals: totals(NOW_MS, { postgres: rowsAt(at), archive: rowsAt(at) }),
    previousTotals: totals(NOW_MS - 1000, { postgres: rowsAt(at - 10), archive: rowsAt(at - 10) }),
    look: look(high),
  });
}
