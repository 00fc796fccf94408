/** Where each partition stands; on a narrow screen every row becomes a small card. */
import { Index, type JSX } from "solid-js";
import type { PartitionFrame } from "@tally/shared";
import { Value } from "./figure.tsx";
import { formatCount, formatOffset, plural } from "./format.ts";

const COLUMNS = [
  { title: "Partition", cell: (at: PartitionFrame) => String(at.partition) },
  { title: "High watermark", cell: (at: PartitionFrame) => formatOffset(at.highWatermark) },
  { title: "Stored", cell: (at: PartitionFrame) => formatOffset(at.stored) },
  { title: "Lag", cell: (at: PartitionFrame) => formatCount(at.lag) },
  { title: "Archived", cell: (at: PartitionFrame) => formatOffset(at.archived) },
  { title: "Archive lag", cell: (at: PartitionFrame) => formatCount(at.archiveLag) },
] as const;

// The roles are written out: a table that is laid out as cards loses its own.
export function PartitionTable(props: { readonly partitions: readonly PartitionFrame[] }) {
  return (
    <table class="partitions" role="table">
      <caption class="visually-hidden">Positions and lag of each partition, in records</caption>
      <thead role="rowgroup">
        <tr role="row">
          {COLUMNS.map(({ title }) => (
            <th scope="col" role="columnheader">
              {title}
            </th>
          ))}
          <th scope="col" role="columnheader">
            State
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        <Index each={props.partitions}>{(partition) => <Row partition={partition()} />}</Index>
      </tbody>
    </table>
  );
}

function Row(props: { readonly partition: PartitionFrame }) {
  return (
    <tr role="row" data-stopped={props.partition.stopped !== null}>
      {COLUMNS.map(({ title, cell }, index) =>
        index === 0 ? (
          <th scope="row" role="rowheader">
            <span class="cell-label">{title}</span>
            {cell(props.partition)}
          </th>
        ) : (
          <Cell title={title}>
            <Value text={cell(props.partition)} />
          </Cell>
        ),
      )}
      <Cell title="State">{state(props.partition)}</Cell>
    </tr>
  );
}

function Cell(props: { readonly title: string; readonly children: JSX.Element }) {
  return (
    <td role="cell">
      <span class="cell-label" aria-hidden="true">
        {props.title}
      </span>
      <span>{props.children}</span>
    </td>
  );
}

function state(partition: PartitionFrame): string {
  if (partition.stopped !== null) return `stopped: ${partition.stopped}`;
  if (partition.stored === null) return "not known";
  const lost =
    partition.lostRecords === 0 ? "" : `, ${plural(partition.lostRecords, "record")} lost`;
  const near = partition.nearsRetention.length === 0 ? "" : ", nears the log's retention";
  return `runs${lost}${near}`;
}
