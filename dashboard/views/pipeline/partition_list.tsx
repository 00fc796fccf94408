/** Every partition: where it stands, how its lag went, and what an operator can do about it. */
import { Index, type JSX, Show } from "solid-js";
import type { PartitionFrame } from "@tally/shared";
import { Sparkline } from "../../charts/sparkline.tsx";
import { Value } from "../../panels/figure.tsx";
import { formatCount, formatDuration, formatOffset } from "../../panels/format.ts";
import { showText } from "../../panels/show_text.ts";
import type { LagHistory } from "./lag_history.ts";
import { statesOf } from "./partition_states.ts";

const TITLES = [
  "Partition",
  "High watermark",
  "Stored",
  "Archived",
  "Lag, records",
  "Archive lag, records",
  "Owner, host:process",
  "State",
] as const;

export interface PartitionListProps {
  readonly partitions: readonly PartitionFrame[];
  readonly history: LagHistory;
}

// The roles are written out: a table that is laid out as cards loses its own.
export function PartitionList(props: PartitionListProps) {
  return (
    <div class="rows-scroll" tabindex="0" role="region" aria-label="Partitions">
      <table class="partitions" role="table">
        <caption class="visually-hidden">Positions, lag and state of each partition</caption>
        <thead role="rowgroup">
          <tr role="row">
            {TITLES.map((title) => (
              <th scope="col" role="columnheader">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          <Index each={props.partitions}>
            {(partition) => <Row partition={partition()} history={props.history} />}
          </Index>
        </tbody>
      </table>
    </div>
  );
}

function Row(props: { readonly partition: PartitionFrame; readonly history: LagHistory }) {
  const at = () => props.partition;
  const lags = () => props.history.map(({ lags: each }) => each.get(at().partition) ?? null);
  return (
    <tr role="row" data-stopped={at().stopped !== null}>
      <th scope="row" role="rowheader">
        <span class="cell-label">Partition</span>
        {at().partition}
      </th>
      <Cell title={TITLES[1]}>
        <Value text={formatOffset(at().highWatermark)} />
      </Cell>
      <Cell title={TITLES[2]}>
        <Value text={formatOffset(at().stored)} />
      </Cell>
      <Cell title={TITLES[3]}>
        <Value text={formatOffset(at().archived)} />
      </Cell>
      <Cell title={TITLES[4]} line={<Sparkline values={lags()} />}>
        <Value text={formatCount(at().lag)} />
        <Age seconds={at().lagSeconds} />
      </Cell>
      <Cell title={TITLES[5]}>
        <Value text={formatCount(at().archiveLag)} />
        <Age seconds={at().archiveLagSeconds} />
      </Cell>
      <Cell title={TITLES[6]}>
        <Owner partition={at()} />
      </Cell>
      <Cell title={TITLES[7]}>
        <State partition={at()} />
      </Cell>
    </tr>
  );
}

/** The processor of its rows; that of its archive lines as well, when it is another one. */
function Owner(props: { readonly partition: PartitionFrame }) {
  const rows = () => props.partition.owner ?? null;
  const lines = () => props.partition.archiveOwner ?? null;
  return (
    <>
      {rows() ?? "–"}
      <Show when={lines() !== null && lines() !== rows()}>
        <span class="cell-age"> archive: {lines()}</span>
      </Show>
    </>
  );
}

function Age(props: { readonly seconds: number | null }) {
  return (
    <Show when={(props.seconds ?? 0) > 0}>
      <span class="cell-age"> {formatDuration(props.seconds)}</span>
    </Show>
  );
}

function Cell(props: {
  readonly title: string;
  readonly line?: JSX.Element;
  readonly children: JSX.Element;
}) {
  return (
    <td role="cell" classList={{ "lag-cell": props.line !== undefined }}>
      <span class="cell-label" aria-hidden="true">
        {props.title}
      </span>
      {props.line}
      <span>{props.children}</span>
    </td>
  );
}

/** The state in words, and the command that helps. */
function State(props: { readonly partition: PartitionFrame }) {
  return (
    <Index each={statesOf(props.partition)}>
      {(state) => (
        <p class="partition-state">
          {showText(state().words)}
          <Show when={state().command}>
            {(command) => (
              <>
                {" "}
                <code class="command-line">{command()}</code>
              </>
            )}
          </Show>
        </p>
      )}
    </Index>
  );
}
