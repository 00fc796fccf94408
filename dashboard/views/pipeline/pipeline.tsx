/** The way of events, live: diagram, ledger, partitions, dependencies, and what waits over time. */
import { createEffect, createSignal, on, Show } from "solid-js";
import type { MetricsFrame } from "@tally/shared";
import type { WallMs } from "@tally/shared/clock";
import type { FrameHistory } from "@tally/shared/frame_history";
import { LineChart } from "../../charts/line_chart.tsx";
import { roundCount, roundSeconds } from "../../charts/scale.ts";
import { formatCount, formatDuration } from "../../panels/format.ts";
import { Moment } from "../../panels/moment.tsx";
import { Panel } from "../../panels/panel.tsx";
import type { ViewProps } from "../../shell/page.ts";
import { isOld } from "../../stream/stream.ts";
import { Empty } from "../parts/states.tsx";
import { DependencyList } from "./dependency_list.tsx";
import { FlowDiagram } from "./flow_diagram.tsx";
import { addToLagHistory, type LagHistory } from "./lag_history.ts";
import { ledgerOf } from "./ledger.ts";
import { LedgerView } from "./ledger_view.tsx";
import { PartitionList } from "./partition_list.tsx";
import "../parts/parts.css";
import "./pipeline.css";

export function Pipeline({ page }: ViewProps) {
  const isFrameOld = () => isOld(page.stream.connection());
  const [history, setHistory] = createSignal<LagHistory>([]);
  const [before, setBefore] = createSignal<MetricsFrame | null>(null);
  createEffect(
    on(page.stream.frame, (frame, previous) => {
      if (frame === null) return;
      setBefore(previous ?? null);
      setHistory((points) => addToLagHistory(points, frame));
    }),
  );
  return (
    <Show
      when={page.stream.frame()}
      fallback={
        <Panel title="Pipeline" area="wide">
          <Empty title="Waiting for the first frame">
            <p>The processor sends one a second.</p>
          </Empty>
        </Panel>
      }
    >
      {(frame) => (
        <>
          <Show when={isFrameOld()}>
            <p class="view-notice area-wide" role="status">
              The processor sends no figures now. These are as of{" "}
              <Moment at={frame().ts} nowMs={page.nowMs()} zone={page.zone()} />.
            </p>
          </Show>
          <Panel title="The way of an event" area="wide">
            <FlowDiagram frame={frame()} before={before()} isOld={isFrameOld()} />
          </Panel>
          <Panel title="Ledger" area="wide">
            <LedgerView ledger={ledgerOf(frame())} />
          </Panel>
          <Panel title="Partitions" area="wide area-partitions">
            <PartitionList partitions={frame().partitions} history={history()} />
          </Panel>
          <Panel title="Dependencies" area="wide">
            <DependencyList
              dependencies={frame().dependencies}
              frameMs={Date.parse(frame().ts)}
              nowMs={page.nowMs()}
              zone={page.zone()}
              isOld={isFrameOld()}
            />
          </Panel>
          <Panel title="Archive backlog" area="wide">
            <Backlog
              frame={frame()}
              history={page.stream.history()}
              nowMs={page.nowMs()}
              zone={page.zone()}
            />
          </Panel>
        </>
      )}
    </Show>
  );
}

/** The processor keeps these figures for half an hour, so a page that opens is full at once. */
function Backlog(props: {
  readonly frame: MetricsFrame;
  readonly history: FrameHistory;
  readonly nowMs: WallMs;
  readonly zone: string;
}) {
  const known = (values: readonly (number | null)[]) => values.map((value) => value ?? 0);
  const spanSeconds = () => {
    const { seconds } = props.history;
    return (seconds.at(-1) ?? 0) - (seconds[0] ?? 0);
  };
  return (
    <Show
      when={props.frame.archive.enabled}
      fallback={<Empty title="The archive is off (S3_ENABLED=false)" />}
    >
      <div class="backlogs">
        <figure class="backlog">
          <figcaption>
            Records without an archive line, up to{" "}
            <strong>{formatCount(Math.max(0, ...known(props.history.archiveLag)))}</strong> in the
            last {formatDuration(spanSeconds())}. It grows until an object closes.
          </figcaption>
          <LineChart
            values={props.history.archiveLag}
            seconds={props.history.seconds}
            unit="Records"
            round={roundCount}
            format={formatCount}
            nowMs={props.nowMs}
            zone={props.zone}
          />
        </figure>
        <figure class="backlog">
          <figcaption>
            Age of the oldest, up to{" "}
            <strong>
              {formatDuration(Math.max(0, ...known(props.history.oldestUnarchivedSeconds)))}
            </strong>
            , now {formatDuration(props.frame.archive.oldestUnarchivedSeconds)}.
          </figcaption>
          <LineChart
            values={props.history.oldestUnarchivedSeconds}
            seconds={props.history.seconds}
            unit="Age"
            round={roundSeconds}
            format={formatDuration}
            nowMs={props.nowMs}
            zone={props.zone}
          />
        </figure>
      </div>
    </Show>
  );
}
