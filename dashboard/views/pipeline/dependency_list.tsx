/** Kafka, PostgreSQL and S3: state, since when, and what to change. */
import { Index, Show } from "solid-js";
import type { DependencyFrame, MetricsFrame } from "@tally/shared";
import { ERRORS } from "@tally/shared/error";
import type { WallMs } from "@tally/shared/clock";
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

/** A newer processor may have codes that this page does not know. */
function titleOf(code: string): string {
  return (
    new Map<string, { readonly title: string }>(Object.entries(ERRORS)).get(code)?.title ?? code
  );
}

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
        {(each) => {
          const dependency = () => props.dependencies[each().key];
          const sinceSeconds = () => (props.frameMs - Date.parse(dependency().since)) / 1000;
          return (
            <li class="dependency-item" data-state={props.isOld ? "unknown" : dependency().state}>
              <h3>{each().name}</h3>
              <p>
                <Show
                  when={!props.isOld}
                  fallback={<strong>was {STATE_WORDS[dependency().state]}</strong>}
                >
                  <strong>{STATE_WORDS[dependency().state]}</strong> for{" "}
                  {formatDuration(sinceSeconds())}
                </Show>
                , since <Moment at={dependency().since} nowMs={props.nowMs} zone={props.zone} />
              </p>
              <Show when={dependency().lastError}>
                {(error) => (
                  <p>
                    Last error <Moment at={error().at} nowMs={props.nowMs} zone={props.zone} />:{" "}
                    {titleOf(error().code)} (<code>{showText(error().code)}</code>)
                  </p>
                )}
              </Show>
              <Show when={dependency().remedy}>
                {(remedy) => <p class="view-notice">{showText(remedy())}</p>}
              </Show>
            </li>
          );
        }}
      </Index>
    </ul>
  );
}
