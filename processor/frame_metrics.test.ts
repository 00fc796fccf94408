/** Gauges of frames, one after the other. */
import { createMetrics, type MetricsFrame } from "@tally/shared";
import { expect, test } from "bun:test";
import { showFrame } from "./frame_metrics.ts";

function frame(lag: number | null, oldestUnarchivedSeconds: number | null) {
  const archive: MetricsFrame["archive"] = {
    enabled: true,
    objects: 0,
    events: 0,
    bytes: 0,
    lastKey: null,
    oldestUnarchivedSeconds,
  };
  const position = { highWatermark: "9", stored: null, archived: null, stopped: null };
  return { partitions: [{ partition: 2, ...position, lag, archiveLag: lag }], archive };
}

test("showFrame() takes a value away when it is not known any more, and sets it when it is again", async () => {
  const metrics = createMetrics("processor");
  const lines = async (): Promise<string[]> =>
    (await metrics.expose())
      .split("\n")
      .filter((line) => /^processor_(lag_records|oldest_unarchived_seconds)/.test(line));

  showFrame(metrics, frame(7, 4.5));
  const known = await lines();
  showFrame(metrics, frame(null, null));
  const unknown = await lines();
  showFrame(metrics, frame(0, 0));
  const again = await lines();

  expect(known).toEqual([
    'processor_lag_records{sink="postgres",partition="2"} 7',
    'processor_lag_records{sink="archive",partition="2"} 7',
    "processor_oldest_unarchived_seconds 4.5",
  ]);
  expect(unknown).toEqual([]);
  expect(again.map((line) => line.split(" ")[1])).toEqual(["0", "0", "0"]);
});
