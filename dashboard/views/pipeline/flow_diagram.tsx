/** The way of an event as a diagram: four places and the three steps between them. */
import { Index, type JSX, Show } from "solid-js";
import type { MetricsFrame } from "@tally/shared";
import { Value } from "../../panels/figure.tsx";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  plural,
  UNKNOWN,
} from "../../panels/format.ts";
import { type Edge, edgesOf, endOfLog, type Level, pastEdge } from "./flow.ts";

const LEVEL_WORDS: { readonly [level in Level]: string } = {
  good: "flows",
  notice: "backs up",
  bad: "stands",
  unknown: "not known",
  off: "off",
};

export function FlowDiagram(props: {
  readonly frame: MetricsFrame;
  readonly before: MetricsFrame | null;
  /** Whether the frame is not of this moment. */
  readonly isOld: boolean;
}) {
  const edges = () => {
    const known = edgesOf(props.frame, props.before);
    return props.isOld ? known.map(pastEdge) : known;
  };
  const places = () => placesOf(props.frame);
  return (
    <ol class="flow">
      <Place title="Ingest">accepts events over HTTP</Place>
      <Index each={edges()}>
        {(edge, index) => (
          <>
            <EdgeView edge={edge()} />
            <Place title={places()[index]?.title ?? ""}>{places()[index]?.words}</Place>
          </>
        )}
      </Index>
    </ol>
  );
}

/** What stands at the end of each edge. */
function placesOf(
  frame: MetricsFrame,
): readonly { readonly title: string; readonly words: string }[] {
  const end = endOfLog(frame);
  const { archive, partitions } = frame;
  return [
    {
      title: "Log",
      words: `${formatCount(end === null ? null : Number(end))} records in ${plural(partitions.length, "partition")}, Kafka`,
    },
    { title: "Rows", words: `${formatCount(frame.writtenTotal)} rows, PostgreSQL` },
    {
      title: "Archive",
      words: archive.enabled
        ? `${formatCount(archive.events)} lines in ${plural(archive.objects, "object")}, ${formatBytes(archive.bytes)}, S3`
        : "off",
    },
  ];
}

function Place(props: { readonly title: string; readonly children: JSX.Element }) {
  return (
    <li class="flow-place">
      <h3>{props.title}</h3>
      <p>{props.children}</p>
    </li>
  );
}

function EdgeView(props: { readonly edge: Edge }) {
  const rate = () => formatRate(props.edge.perSecond);
  const waiting = (): string => {
    const { waiting: count, waitingNoun: noun } = props.edge;
    return count === null || noun === null ? UNKNOWN : plural(count, noun);
  };
  return (
    <li class="flow-edge" data-level={props.edge.level}>
      <p class="flow-state">
        <span class="visually-hidden">{props.edge.title}: </span>
        {LEVEL_WORDS[props.edge.level]}
      </p>
      <svg class="flow-arrow" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
        <path d="M0 6H100" vector-effect="non-scaling-stroke" />
      </svg>
      <p class="flow-rate">
        <Value text={rate()} />
        <Show when={rate() !== UNKNOWN}> events/s</Show>
      </p>
      <Show when={props.edge.waitingNoun !== null}>
        <p class="flow-lag">
          <span>
            lag <Value text={waiting()} />,
          </span>{" "}
          <span>
            oldest <Value text={formatDuration(props.edge.ageSeconds)} />
          </span>
        </p>
      </Show>
      <p class="flow-words">{props.edge.words}</p>
    </li>
  );
}
