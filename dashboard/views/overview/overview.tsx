/** Is it healthy, how much comes in, how late is it, is anything lost: in this order. */
import { createMemo, Show } from "solid-js";
import { Controls } from "../../shell/controls.tsx";
import type { ViewProps } from "../../shell/page.ts";
import { FirstEvent } from "../../test_event/first_event.tsx";
import { Cards } from "./cards.tsx";
import { FirstSend } from "./first_send.tsx";
import { LiveTail } from "./live_tail.tsx";
import { createOverview } from "./model.ts";
import { createNewest } from "./newest.ts";
import { Status } from "./status.tsx";
import { TopValues } from "./top_values.tsx";
import { Volume } from "./volume.tsx";

export function Overview(props: ViewProps) {
  const { page } = props;
  const overview = createOverview(page);
  const newest = createNewest(page);
  const isEmpty = createMemo(() => overview.frame()?.receivedTotal === 0);
  // A page that opened without events keeps the form, folded: its viewer follows what was sent.
  const wasEmpty = createMemo<boolean>((before) => before || isEmpty(), false);
  return (
    <>
      <Status page={page} overview={overview} />
      <Show when={isEmpty()}>
        <FirstEvent ingestUrl={page.ingestUrl} />
      </Show>
      <Controls page={page} hasComparison isLive />
      <Cards page={page} overview={overview} />
      <Volume page={page} overview={overview} />
      <TopValues page={page} overview={overview} rows={newest.last()?.answer.events ?? []} />
      <LiveTail page={page} newest={newest} />
      <Show when={wasEmpty()}>
        <FirstSend page={page} isEmpty={isEmpty()} />
      </Show>
    </>
  );
}
