/** The health of the system: one sentence, its reasons, and the state of each dependency. */
import { type Accessor, createMemo, For } from "solid-js";
import type { DependencyFrame } from "@tally/shared";
import type { LiveStream } from "../stream/create_stream.ts";
import { formatTime } from "./format.ts";
import { judge, type Level } from "./health.ts";
import { Panel } from "./panel.tsx";

const GLYPHS: { readonly [level in Level]: string } = {
  good: "✓",
  notice: "!",
  bad: "×",
  unknown: "?",
};

const DEPENDENCIES = [
  { key: "kafka", name: "Kafka" },
  { key: "postgres", name: "PostgreSQL" },
  { key: "s3", name: "S3" },
] as const;

const STATES: { readonly [state in DependencyFrame["state"]]: string } = {
  up: "up",
  down: "down",
  configuration: "needs a change",
  off: "off",
  unknown: "not known",
};

export function HealthPanel(props: {
  readonly stream: LiveStream;
  readonly nowMs: Accessor<number>;
}) {
  const verdict = createMemo(() => judge(props.stream.frame(), props.stream.connection()));
  const isLive = () => props.stream.connection().kind === "live";
  const sentence = createMemo(() => verdict().sentence);
  const reasons = createMemo(() => verdict().reasons, [], { equals: isSameList });
  return (
    <Panel title="Health" area="health">
      <div class="verdict" data-level={verdict().level}>
        <span class="verdict-glyph" aria-hidden="true">
          {GLYPHS[verdict().level]}
        </span>
        <div>
          <p class="verdict-sentence" role="status">
            {sentence()}
          </p>
          <For each={reasons()}>{(reason) => <p class="verdict-reason">{reason}</p>}</For>
        </div>
      </div>
      <ul class="dependencies" aria-label="Dependencies">
        <For each={DEPENDENCIES}>
          {({ key, name }) => (
            <Dependency
              name={name}
              // The last frame does not show the present state once the stream is not live.
              frame={isLive() ? props.stream.frame()?.dependencies[key] : undefined}
              nowMs={props.nowMs()}
            />
          )}
        </For>
      </ul>
    </Panel>
  );
}

function Dependency(props: {
  readonly name: string;
  readonly frame: DependencyFrame | undefined;
  readonly nowMs: number;
}) {
  const state = () => props.frame?.state ?? "unknown";
  const since = () => {
    const frame = props.frame;
    if (frame === undefined || frame.state === "unknown") return "";
    return `since ${formatTime(Date.parse(frame.since), { nowMs: props.nowMs })}`;
  };
  return (
    <li class="dependency" data-state={state()}>
      <span class="dependency-dot" aria-hidden="true" />
      <span class="dependency-name">{props.name}</span>
      <span class="dependency-state">{STATES[state()]}</span>
      <span class="dependency-since">{since()}</span>
    </li>
  );
}

function isSameList(before: readonly string[], after: readonly string[]): boolean {
  return before.length === after.length && before.every((text, index) => text === after[index]);
}
