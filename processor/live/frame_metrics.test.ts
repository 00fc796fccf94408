/** Gauges of frames, one after the other, and counters of the hub. */
import { createMetrics, type MetricsFrame, type PartitionFrame } from "@tally/shared";
import { expect, test } from "bun:test";
import { countSubscribers, showFrame } from "./frame_metrics.ts";
import { createHub } from "./stream.ts";
import { hubOptions } from "./testing/fake_rounds.ts";

const PLACE: PartitionFrame = {
  partition: 2,
  logStart: "3",
  highWatermark: "20",
  stored: "13",
  archived: "9",
  lag: 7,
  archiveLag: 11,
  lagSeconds: 1.5,
  archiveLagSeconds: 60,
  nearsRetention: ["archive"],
  lostRecords: 0,
  stopped: null,
};
const ARCHIVE: MetricsFrame["archive"] = {
  enabled: true,
  objects: 0,
  events: 0,
  bytes: 0,
  lastKey: null,
  oldestUnarchivedSeconds: 4.5,
};

function gauges() {
  const metrics = createMetrics("processor");
  const show = async (place: Partial<PartitionFrame>, oldestUnarchivedSeconds: number | null) => {
    const archive = { ...ARCHIVE, oldestUnarchivedSeconds };
    showFrame(metrics, { partitions: [{ ...PLACE, ...place }], archive });
    const text = await metrics.expose();
    return text
      .split("\n")
      .filter((line) => /^processor_(lag|retention|oldest)/.test(line))
      .map((line) => line.replace("processor_", ""));
  };
  return { metrics, show };
}

test("showFrame() shows lag, age and what retention leaves, by sink and partition", async () => {
  const { show } = gauges();

  expect(await show({}, 4.5)).toEqual([
    'lag_records{sink="postgres",partition="2"} 7',
    'lag_records{sink="archive",partition="2"} 11',
    'lag_seconds{sink="postgres",partition="2"} 1.5',
    'lag_seconds{sink="archive",partition="2"} 60',
    'retention_left_records{sink="postgres",partition="2"} 10',
    'retention_left_records{sink="archive",partition="2"} 6',
    'retention_alarms{sink="postgres"} 0',
    'retention_alarms{sink="archive"} 1',
    "oldest_unarchived_seconds 4.5",
  ]);
});

test("showFrame() removes a value when it is no longer known, and sets it when it is known again", async () => {
  const { show } = gauges();
  const unknown = {
    stored: null,
    archived: null,
    lag: null,
    archiveLag: null,
    lagSeconds: null,
    archiveLagSeconds: null,
    nearsRetention: [],
  };

  const known = await show({}, 0);
  const away = await show(unknown, null);
  const again = await show({}, 0);

  expect(away).toEqual([
    'retention_alarms{sink="postgres"} 0',
    'retention_alarms{sink="archive"} 0',
  ]);
  expect(again.toSorted()).toEqual(known.toSorted());
});

test("showFrame() shows lost records that no operator has acknowledged", async () => {
  const { metrics, show } = gauges();

  await show({ lostRecords: 24_000 }, 0);

  expect(await metrics.expose()).toContain(
    'processor_unacknowledged_lost_records{partition="2"} 24000',
  );
});

test("countSubscribers() counts open streams, and those that were closed for not reading", async () => {
  const metrics = createMetrics("processor");
  const hub = createHub(hubOptions({ subscriberBytesMax: 100, ...countSubscribers(metrics) }));
  const connection = () => ({
    signal: new AbortController().signal,
    ended: null,
    cut: () => undefined,
  });
  hub.subscribe(connection());
  hub.subscribe(connection());
  const open = await metrics.expose();

  for (let frame = 0; frame < 5; frame++) hub.announce("metrics", "x".repeat(50));

  expect(open).toContain("processor_subscribers 2");
  const text = await metrics.expose();
  expect(text).toContain('processor_subscribers_disconnected_total{reason="slow"} 2');
  expect(text).toContain("processor_subscribers 0");
});
