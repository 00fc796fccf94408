/** The state of the system in one sentence, its figures, and what is wrong with what to do. */
import { Show } from "solid-js";
import { HealthPanel } from "../../panels/health_panel.tsx";
import { formatCount, formatTime } from "../../panels/format.ts";
import { rangeInSentence } from "../../address/range.ts";
import { ViewLink } from "../../shell/view_link.tsx";
import type { CardsProps } from "./cards.tsx";
import { parseTime } from "./model.ts";

export interface StatusProps extends CardsProps {
  /** Whether it is only looked at: it has no link. */
  readonly isInert?: boolean;
}

export function Status(props: StatusProps) {
  return (
    <HealthPanel
      stream={props.page.stream}
      nowMs={props.page.nowMs}
      zone={props.page.zone}
      figures={describeFigures(props)}
      more={
        <Show when={!props.isInert}>
          <ViewLink page={props.page} to={{ view: "pipeline" }}>
            Where it waits, and since when
          </ViewLink>
        </Show>
      }
    />
  );
}

/** The high watermark is read every few seconds: a smaller delay than this is none. */
const DELAY_MS_MIN = 5000;

/** "All 41,302 events of the last hour are stored, archived up to 09:14:30, audited at 09:00." */
function describeFigures({ page, overview }: CardsProps): string {
  const frame = overview.frame();
  const stack = overview.stack();
  if (frame === null || stack === null || frame.receivedTotal === 0) return "";
  const { range } = page.state();
  const zone = page.zone();
  const time = (ms: number): string => formatTime(ms, { nowMs: page.nowMs(), zone });
  const events = stack.total === 1 ? "event" : "events";
  // The high watermark is newer than the rows: a moment's lag is no delay.
  const delayMs = Date.parse(frame.ts) - (parseTime(frame.completeUpTo) ?? 0);
  const lag = delayMs > DELAY_MS_MIN ? (frame.lag ?? 0) : 0;
  const isWhole = lag === 0 && page.state().filters.length === 0;
  const counted = `${isWhole ? "All " : ""}${formatCount(stack.total)} ${events}`;
  const verb = stack.total === 1 ? "is" : "are";
  const stored = `${counted} of ${rangeInSentence(range)} ${verb} stored`;
  const waiting = lag > 0 ? `, ${formatCount(lag)} more wait in Kafka` : "";
  const { enabled, oldestUnarchivedSeconds: oldest } = frame.archive;
  const ts = parseTime(frame.ts);
  const auditedMs = parseTime(frame.lastAudit?.at);
  // An audit that found something is a reason of the verdict.
  const isClean = frame.lastAudit?.problems === 0;
  const audited = auditedMs !== null && isClean ? `, audited at ${time(auditedMs)}` : "";
  if (!enabled || oldest === null || ts === null) return `${stored}${waiting}${audited}.`;
  const archived =
    oldest === 0 ? ", all of them archived" : `, archived up to ${time(ts - oldest * 1000)}`;
  return `${stored}${waiting}${archived}${audited}.`;
}
