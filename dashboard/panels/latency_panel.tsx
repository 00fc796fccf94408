/** Lag, latency and the time up to which everything is stored; then each partition. */
import { type Accessor, Show } from "solid-js";
import type { MetricsFrame } from "@tally/shared";
import { Figure } from "./figure.tsx";
import { formatCount, formatDuration, formatLatency, formatTime } from "./format.ts";
import { Panel } from "./panel.tsx";
import { PartitionTable } from "./partition_table.tsx";

const NO_FRAME = "No frame has come yet";
/** The high watermark is read every few seconds, so a smaller delay than this is up to date. */
const UP_TO_DATE_SECONDS = 5;
const NO_ROW = "No row in the last interval";

export function LatencyPanel(props: {
  readonly frame: MetricsFrame | null;
  readonly nowMs: Accessor<number>;
}) {
  const why = (reason: string): string => (props.frame === null ? NO_FRAME : reason);
  const LatencyFigure = (latency: {
    readonly label: string;
    readonly ms: number | null | undefined;
  }) => (
    <Figure
      label={latency.label}
      value={formatLatency(latency.ms ?? null)}
      note="received to row"
      whyUnknown={why(NO_ROW)}
    />
  );
  return (
    <Panel title="Latency" area="latency">
      <dl class="figures">
        <Figure
          label="Lag"
          value={formatCount(props.frame?.lag ?? null)}
          note="records not yet rows"
          whyUnknown={why("Not measurable for at least one partition")}
        />
        <Figure
          label="Complete up to"
          value={formatTime(parse(props.frame?.completeUpTo), { nowMs: props.nowMs() })}
          note={completeNote(props.frame)}
          whyUnknown={why("Not known for at least one partition")}
        />
        <LatencyFigure label="Latency p50" ms={props.frame?.latencyMs.p50} />
        <LatencyFigure label="p95" ms={props.frame?.latencyMs.p95} />
        <LatencyFigure label="p99" ms={props.frame?.latencyMs.p99} />
        <LatencyFigure label="Mean" ms={props.frame?.avgProcessingMs} />
      </dl>
      <Show
        when={props.frame?.partitions.length}
        fallback={<p class="empty">{why("No partition of the topic is known yet.")}</p>}
      >
        <PartitionTable partitions={props.frame?.partitions ?? []} />
      </Show>
    </Panel>
  );
}

function parse(time: string | null | undefined): number | null {
  return time === null || time === undefined ? null : Date.parse(time);
}

/** Delay of the stored events against the frame; both times are from the processor's clock. */
function completeNote(frame: MetricsFrame | null): string {
  const completeMs = parse(frame?.completeUpTo);
  if (frame === null || completeMs === null) return "";
  const delaySeconds = (Date.parse(frame.ts) - completeMs) / 1000;
  return delaySeconds < UP_TO_DATE_SECONDS
    ? "all before is stored"
    : `${formatDuration(delaySeconds)} before this frame`;
}
