/** Volume: totals and rates along the path of an event, the sum that must add up, and the chart. */
import { type Accessor, Show } from "solid-js";
import type { MetricsFrame } from "@tally/shared";
import type { LiveStream } from "../stream/create_stream.ts";
import { Figure } from "./figure.tsx";
import { formatCount, formatRate } from "./format.ts";
import { Panel } from "./panel.tsx";
import { RateChart } from "./rate_chart.tsx";

const NO_FRAME = "No frame has come yet";

export function VolumePanel(props: {
  readonly stream: LiveStream;
  readonly nowMs: Accessor<number>;
}) {
  const frame = () => props.stream.frame();
  const perSecond = (line: "received" | "stored" | "archived") =>
    `${formatRate(frame()?.eventsPerSecond[line] ?? null)} per second`;
  const archived = () => (frame()?.archive.enabled ? (frame()?.archive.events ?? null) : null);
  return (
    <Panel title="Volume" area="volume">
      <dl class="figures figures-large">
        <Figure
          label="Received"
          line="received"
          value={formatCount(frame()?.receivedTotal ?? null)}
          note={perSecond("received")}
          whyUnknown={NO_FRAME}
        />
        <Figure
          label="Stored"
          line="stored"
          value={formatCount(frame()?.writtenTotal ?? null)}
          note={perSecond("stored")}
          whyUnknown={NO_FRAME}
        />
        <Figure
          label="Archived"
          line="archived"
          value={formatCount(archived())}
          note={perSecond("archived")}
          whyUnknown={frame() === null ? NO_FRAME : "The archive is off"}
        />
      </dl>
      <Show when={frame()}>{(known) => <Account frame={known()} />}</Show>
      <RateChart history={props.stream.history()} />
    </Panel>
  );
}

/** The product's one idea as a sum: records taken from the log, and what each became. */
function Account(props: { readonly frame: MetricsFrame }) {
  const difference = () =>
    props.frame.receivedTotal -
    props.frame.writtenTotal -
    props.frame.duplicates -
    props.frame.deadLetters.total;
  return (
    <p class="account" data-adds-up={difference() === 0}>
      <span class="account-term">{formatCount(props.frame.receivedTotal)} received</span>
      {" = "}
      <span class="account-term">{formatCount(props.frame.writtenTotal)} rows</span>
      {" + "}
      <span class="account-term">{formatCount(props.frame.duplicates)} duplicates</span>
      {" + "}
      <span class="account-term">{formatCount(props.frame.deadLetters.total)} dead letters</span>
      <Show
        when={difference() !== 0}
        fallback={<span class="account-mark account-good">adds up</span>}
      >
        <span class="account-mark account-bad">
          does not add up: {formatCount(difference())} not accounted for
        </span>
      </Show>
    </p>
  );
}
