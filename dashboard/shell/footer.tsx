/** The foot of the page: what a dash means, the zone of all times, and who else looks on. */
import { For, Show } from "solid-js";
import { formatCount } from "../panels/format.ts";
import type { ViewProps } from "./page.ts";

export function Footer(props: ViewProps) {
  return (
    <footer class="page-footer">
      <p>
        <span aria-hidden="true">–</span> means "not known"; it is never shown as 0.
        <Show when={props.page.stream.frame()}>
          {(known) => <> Subscribers of this processor: {formatCount(known().subscribers)}.</>}
        </Show>
      </p>
      <ZoneSelect page={props.page} />
    </footer>
  );
}

/** Each view has times, so each has the choice of their zone. */
function ZoneSelect(props: ViewProps) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
  return (
    <label class="control page-zone">
      Times are those of
      <select
        class="select select-zone"
        onChange={(event) => props.page.change({ zone: event.currentTarget.value || null })}
      >
        <option value="" selected={props.page.state().zone === null}>
          {`Local time (${own})`}
        </option>
        <For each={zones}>
          {(zone) => (
            <option value={zone} selected={props.page.state().zone === zone}>
              {zone}
            </option>
          )}
        </For>
      </select>
    </label>
  );
}
