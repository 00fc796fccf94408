/** The chart of the overview: events over time by type, beside its types. */
import { createSignal, Show } from "solid-js";
import { addFilter } from "../../address/filter.ts";
import { StackedChart } from "../../charts/stacked_chart.tsx";
import { TypeList } from "../../charts/type_list.tsx";
import { Panel } from "../../panels/panel.tsx";
import { describeOutcome } from "../../questions/ask.ts";
import type { CardsProps } from "./cards.tsx";

export interface VolumeProps extends CardsProps {
  /** Whether it is only looked at. */
  readonly isInert?: boolean;
}

export function Volume(props: VolumeProps) {
  const { page, overview } = props;
  const [point, setPoint] = createSignal<number | null>(null);
  const shownPoint = () => {
    const index = point();
    const length = overview.stack()?.window.starts.length ?? 0;
    return index === null || index >= length ? null : index;
  };
  const pick = (name: string | null): void => {
    if (name === null) return;
    const filter = { operator: "is", dimension: "event:name", values: [name] } as const;
    page.change({ filters: addFilter(page.state().filters, filter) });
  };
  const gone = () => (page.state().comparison === null ? [] : overview.gone());
  return (
    <>
      <Panel title="Volume" area="volume">
        <Problem {...props} />
        <Show when={overview.stack()} fallback={<Waiting {...props} />}>
          {(stack) => (
            <StackedChart
              stack={stack()}
              zone={page.zone()}
              completeMs={overview.completeMs()}
              what="events"
              isLoading={overview.isLoading()}
              isInert={props.isInert ?? false}
              point={shownPoint()}
              onPoint={setPoint}
              onZoom={(range) => page.change({ range })}
              onPick={pick}
            />
          )}
        </Show>
      </Panel>
      <Panel title="Event types" area="types">
        <Show when={overview.stack()} fallback={<p class="empty">Loading</p>}>
          {(stack) => (
            <Show
              when={stack().layers.length + gone().length > 0}
              fallback={<p class="empty">No event in this range.</p>}
            >
              <TypeList
                stack={stack()}
                what="events"
                point={shownPoint()}
                onPick={pick}
                isInert={props.isInert ?? false}
                gone={gone()}
                {...(page.state().comparison === null ? {} : { changes: overview.changes() })}
              />
            </Show>
          )}
        </Show>
      </Panel>
    </>
  );
}

/** Why the chart is not there, or not new. */
function Problem(props: CardsProps) {
  return (
    <Show when={props.overview.problem()}>
      {(problem) => (
        <p class="notice" role="alert">
          {describeOutcome(problem())}
        </p>
      )}
    </Show>
  );
}

function Waiting(props: CardsProps) {
  return (
    <Show when={props.overview.problem() === null}>
      <p class="empty chart-waiting">Loading the events of the range</p>
    </Show>
  );
}
