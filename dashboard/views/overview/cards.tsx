/** Five figures: how much, by how many, how late, how far archived, what was set aside. */
import { createMemo, type JSX, Show } from "solid-js";
import type { FrameHistory } from "@tally/shared/frame_history";
import { Change, changeOf } from "../../charts/change.tsx";
import { MetricCard } from "../../charts/metric_card.tsx";
import { formatCount, formatDuration, formatLatency } from "../../panels/format.ts";
import { ARCHIVE_LATE_SECONDS } from "../../panels/health.ts";
import { describeOutcome } from "../../questions/ask.ts";
import type { ViewProps } from "../../shell/page.ts";
import { beforeInWords } from "../../address/before.ts";
import type { Asked } from "./live_range.ts";
import type { Overview } from "./model.ts";
import { wordsOfLetters } from "../parts/letter_counts.ts";
import { trendOf } from "./trend.ts";

export interface CardsProps extends ViewProps {
  readonly overview: Overview;
}

/** What the processor remembers of its frames. */
const HALF_HOUR = "in the last half hour";
const UNARCHIVED = "How old the oldest row is that has no line in the archive yet";

export function Cards(props: CardsProps) {
  const { page, overview } = props;
  const history = () => page.stream.history();
  return (
    <dl class="cards area-wide">
      <MetricCard
        label="Events"
        hover="Stored events whose time lies in the range"
        span="in the range"
        value={formatCount(overview.stack()?.total ?? null)}
        history={overview.stack()?.totals ?? []}
        note={<Compared asked={overview.events} {...props} />}
        isLoading={overview.isLoading()}
      />
      <SessionsCard {...props} />
      <LatencyCard history={history()} {...props} />
      <ArchiveCard history={history()} {...props} />
      <DeadLettersCard history={history()} {...props} />
    </dl>
  );
}

function SessionsCard(props: CardsProps) {
  const { range } = props.overview;
  const sessions = range.ask(() => ({ metrics: ["sessions"], isCompared: true }));
  const byTime = range.ask(() => ({
    metrics: ["sessions"],
    dimensions: [`time:${range.window()?.unit ?? "minute"}`],
    include: { time_labels: true },
  }));
  const now = () => sessions.last()?.answer.results[0]?.metrics[0] ?? null;
  const values = createMemo(() => {
    const answer = byTime.last()?.answer;
    const counts = new Map(
      answer?.results.map(({ dimensions, metrics }) => [dimensions[0], metrics[0] ?? 0]),
    );
    return (answer?.meta.time_labels ?? []).map((label) => counts.get(label) ?? 0);
  });
  return (
    <MetricCard
      label="Sessions"
      hover="Different sessions with an event in the range; one in two of its bars counts once"
      span="in the range, each bar for itself"
      value={formatCount(now())}
      history={values()}
      note={<Compared asked={sessions} {...props} />}
      isLoading={sessions.isLoading()}
    />
  );
}

/** The change against the range before, both of one answer, or why there is none. */
function Compared(props: CardsProps & { readonly asked: Asked }): JSX.Element {
  const result = () => props.asked.last()?.answer.results[0];
  const before = () => beforeInWords(props.page.state());
  return (
    <Show
      when={props.asked.problem()}
      fallback={
        <Show when={result()?.comparison} fallback="in the range">
          {(earlier) => (
            <>
              <Change percent={changeOf(result()?.metrics[0] ?? 0, earlier().metrics[0] ?? 0)} />{" "}
              against {before() ?? "the range before"}
            </>
          )}
        </Show>
      }
    >
      {(problem) => describeProblem(problem())}
    </Show>
  );
}

/** A card has room for few words. */
function describeProblem(problem: NonNullable<ReturnType<Asked["problem"]>>): string {
  const isTooWide = problem.kind === "refused" && problem.code === "query_too_wide";
  return isTooWide ? "too many rows to count; choose a shorter range" : describeOutcome(problem);
}

interface HistoryProps extends CardsProps {
  readonly history: FrameHistory;
}

function LatencyCard(props: HistoryProps) {
  const latency = () => props.overview.frame()?.latencyMs;
  const last = () =>
    latency()?.p99 ?? props.history.p99.findLast((value) => value !== null) ?? null;
  const trend = () => trendOf(props.history.seconds, props.history.p99);
  return (
    <MetricCard
      label="Accept → row, p99"
      hover="99 of 100 events are a row in PostgreSQL within this time after ingest took them"
      span={HALF_HOUR}
      value={formatLatency(last())}
      history={props.history.p99}
      note={
        <Show when={last() !== null} fallback="no row in the last half hour">
          <Show when={trend() !== null}>
            <Change percent={trend()} /> against the quarter hour before;{" "}
          </Show>
          <Show when={latency()?.p50 ?? null} fallback="the last that was measured">
            {(p50) => <>half within {formatLatency(p50())}</>}
          </Show>
        </Show>
      }
    />
  );
}

function ArchiveCard(props: HistoryProps) {
  const archive = () => props.overview.frame()?.archive;
  const seconds = () => archive()?.oldestUnarchivedSeconds ?? null;
  const isLate = () => (seconds() ?? 0) > ARCHIVE_LATE_SECONDS;
  return (
    <Show
      when={archive()?.enabled !== false}
      fallback={
        <MetricCard
          label="Oldest unarchived"
          hover={UNARCHIVED}
          span={HALF_HOUR}
          value="off"
          history={[]}
          note="the archive is off: S3_ENABLED=false"
        />
      }
    >
      <MetricCard
        label="Oldest unarchived"
        hover={UNARCHIVED}
        span={HALF_HOUR}
        value={seconds() === 0 ? "none" : formatDuration(seconds())}
        history={props.history.oldestUnarchivedSeconds}
        note={noteOfArchive(seconds())}
        {...(isLate() ? { level: "notice" as const } : {})}
      />
    </Show>
  );
}

function noteOfArchive(seconds: number | null): string {
  if (seconds === null) return "not known now";
  return seconds === 0
    ? "every row has its line"
    : "the oldest row waits this long for its archive line";
}

function DeadLettersCard(props: HistoryProps) {
  const words = () => wordsOfLetters(props.overview.frame()?.deadLetters ?? null);
  const note = () => {
    const { others, news } = words();
    return [others, news].filter((part) => part !== null).join("; ");
  };
  return (
    <MetricCard
      label="Dead letters"
      hover="Records that could not be decoded or stored, and are no row yet; kept with their bytes and the reason"
      span={HALF_HOUR}
      value={words().open}
      history={props.history.deadLetters}
      note={note()}
      {...(words().isNotice ? { level: "notice" as const } : {})}
    />
  );
}
