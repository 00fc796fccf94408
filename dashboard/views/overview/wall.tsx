/** The overview for a screen on a wall: large, without controls, and never paused. */
import { createMemo, Show } from "solid-js";
import { ConnectionState } from "../../panels/connection_state.tsx";
import { describeFilter } from "../../shell/filter_chips.tsx";
import type { Page, ViewProps } from "../../shell/page.ts";
import { Cards } from "./cards.tsx";
import { createOverview } from "./model.ts";
import { Status } from "./status.tsx";
import { Volume } from "./volume.tsx";

export function Wall(props: ViewProps) {
  const page = alwaysLive(props.page);
  const overview = createOverview(page);
  const filters = () => page.state().filters.map(describeFilter).join(" and ");
  return (
    <>
      <div class="wall-head area-wide">
        <p>
          <Show when={filters()}>{(words) => <>Only events whose {words()}</>}</Show>
        </p>
        <ConnectionState {...page} isInert />
      </div>
      <Status page={page} overview={overview} isInert />
      <Cards page={page} overview={overview} />
      <Volume page={page} overview={overview} isInert />
    </>
  );
}

/** A wall has no button that would end the pause of another view's link. */
function alwaysLive(page: Page): Page {
  const state = createMemo(() => ({ ...page.state(), isPaused: false }));
  return { ...page, state };
}
