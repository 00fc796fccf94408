/** Kafka, PostgreSQL and S3: state, since when and why, what to change, and the last outage. */
import { Index, Show } from "solid-js";
import type { DependencyFrame, MetricsFrame } from "@tally/shared";
import type { WallMs } from "@tally/shared/clock";
import { causeOf, wordsOf } from "../../panels/cause.ts";
import { formatDuration } from "../../panels/format.ts";
import { Moment } from "../../panels/moment.tsx";
import { showText } from "../../panels/show_text.ts";

const NAMES = [
  { key: "kafka", name: "Kafka" },
  { key: "postgres", name: "PostgreSQL" },
  { key: "s3", name: "S3" },
] as const;

const STATE_WORDS: { readonly [state in DependencyFrame["state"]]: string } = {
  up: "up",
  down: "down",
  configuration: "refuses: an operator must change something",
  off: "off",
  unknown: "not known yet",
};

export interface DependencyListProps {
  readonly dependencies: MetricsFrame["dependencies"];
  /** When the frame was made, ms since 1970. */
  readonly frameMs: WallMs;
  readonly nowMs: WallMs;
  readonly zone: string;
  /** Whether the frame is not of this moment. */
  readonly isOld: boolean;
}

export function DependencyList(props: DependencyListProps) {
  return (
    <ul class="dependency-list">
      <Index each={NAMES}>
        {(each) => (
          <Dependency
            name={each().name}
            dependency={props.dependencies[each().key]}
            frameMs={props.frameMs}
            nowMs={props.nowMs}
            zone={props.zone}
            isOld={props.isOld}
          />
        )}
      </Index>
    </ul>
  );
}

interface DependencyProps extends Omit<DependencyListProps, "dependencies"> {
  readonly name: string;
  readonly dependency: DependencyFrame;
}

function Dependency(props: DependencyProps) {
  const state = () => props.dependency.state;
  const sinceSeconds = () => (props.frameMs - Date.parse(props.dependency.since)) / 1000;
  const cause = () => (props.isOld ? null : causeOf(props.dependency));
  /** The cause and the last outage say the same, and more. */
  const otherError = () => {
    const { lastError, lastOutage } = props.dependency;
    const isKnown = lastError !== undefined && lastError.at <= (lastOutage?.to ?? "");
    return cause() !== null || isKnown ? undefined : lastError;
  };
  return (
    <li class="dependency-item" data-state={props.isOld ? "unknown" : state()}>
      <h3>{props.name}</h3>
      <p>
        <Show when={!props.isOld} fallback={<strong>was {STATE_WORDS[state()]}</strong>}>
          <strong>{STATE_WORDS[state()]}</strong> for {formatDuration(sinceSeconds())}
        </Show>
        , since <Moment at={props.dependency.since} nowMs={props.nowMs} zone={props.zone} />
      </p>
      <Show when={cause()}>
        {(words) => (
          <p>
            Cause: {words()} (<code>{showText(props.dependency.lastError?.code ?? "")}</code>)
          </p>
        )}
      </Show>
      <Show when={props.dependency.remedy}>
        {(remedy) => <p class="view-notice">{showText(remedy())}</p>}
      </Show>
      <Show when={props.dependency.lastOutage}>
        {(outage) => (
          <p class="last-outage">
            Was down <Moment at={outage().from} nowMs={props.nowMs} zone={props.zone} /> to{" "}
            <Moment at={outage().to} nowMs={props.nowMs} zone={props.zone} />
            <Show when={wordsOf(outage())}>{(words) => <>: {words()}</>}</Show>
          </p>
        )}
      </Show>
      <Show when={otherError()}>
        {(error) => (
          <p>
            Last error <Moment at={error().at} nowMs={props.nowMs} zone={props.zone} />:{" "}
            {wordsOf(error())} (<code>{showText(error().code)}</code>)
          </p>
        )}
      </Show>
    </li>
  );
}
