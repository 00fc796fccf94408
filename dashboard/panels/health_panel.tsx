/** The health of the system: one sentence, its reasons, and the state of each dependency. */
import { type Accessor, createMemo, For, type JSX, Show } from "solid-js";
import type { DependencyFrame } from "@tally/shared";
import type { LiveStream } from "../stream/create_stream.ts";
import { judge, type Level } from "./health.ts";
import { Moment } from "./moment.tsx";
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
  /** IANA name. */
  readonly zone: Accessor<string>;
  /** The same state in figures; they change too often for a screen reader to hear each time. */
  readonly figures?: string;
  /** Where to look further when something is wrong. */
  readonly more?: JSX.Element;
}) {
  const verdict = createMemo(() =>
    judge(props.stream.frame(), props.stream.connection(), {
      nowMs: props.nowMs(),
      zone: props.zone(),
    }),
  );
  const isLive = () => props.stream.connection().kind === "live";
  const isWrong = createMemo(() => ["bad", "notice"].includes(verdict().level));
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
          <Show when={isLive() && props.figures}>
            {(figures) => <p class="verdict-figures">{figures()}</p>}
          </Show>
          <For each={reasons()}>{(reason) => <p class="verdict-reason">{reason}</p>}</For>
          <Show when={isWrong()}>{props.more}</Show>
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
              zone={props.zone()}
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
  readonly zone: string;
}) {
  const state = () => props.frame?.state ?? "unknown";
  const since = () => {
    const frame = props.frame;
    return frame === undefined || frame.state === "unknown" ? null : frame.since;
  };
  return (
    <li class="dependency" data-state={state()}>
      <span class="dependency-dot" aria-hidden="true" />
      <span class="dependency-name">{props.name}</span>
      <span class="dependency-state">{STATES[state()]}</span>
      <span class="dependency-since">
        <Show when={since()}>
          {(at) => (
            <>
              since <Moment at={at()} nowMs={props.nowMs} zone={props.zone} />
            </>
          )}
        </Show>
      </span>
    </li>
  );
}

function isSameList(before: readonly string[], after: readonly string[]): boolean {
  return before.length === after.length && before.every((text, index) => text === after[index]);
}
