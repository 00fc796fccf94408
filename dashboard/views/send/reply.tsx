/** What ingest said: of one event, or of a burst so far. */
import { Match, Show, Switch } from "solid-js";
import { formatCount, formatLatency, formatOffset, formatRate } from "../../panels/format.ts";
import { Facts } from "../parts/facts.tsx";
import { showText } from "../../panels/show_text.ts";
import type { Sent } from "../../test_event/send_event.ts";
import type { BurstProgress } from "./burst.ts";

/** What has come back so far. */
export interface Answered {
  readonly sent: Sent | null;
  /** From the request to the answer, ms. */
  readonly afterMs: number;
  readonly burst: BurstProgress | null;
  /** Events of the burst. */
  readonly total: number;
}

export function Reply(props: { readonly answered: Answered }) {
  const of = <K extends Sent["kind"]>(kind: K) => {
    const { sent } = props.answered;
    return sent?.kind === kind ? (sent as Extract<Sent, { kind: K }>) : null;
  };
  return (
    <Switch fallback={<p class="empty">Nothing was sent yet.</p>}>
      <Match when={of("accepted")}>
        {(sent) => (
          <>
            <p class="trace-verdict" data-level="good" role="status">
              Accepted: it is in the log, after {formatLatency(props.answered.afterMs)}.
            </p>
            <Facts
              facts={[
                { name: "Status", value: "202" },
                { name: "Partition", value: sent().partition },
                { name: "Offset", value: formatOffset(sent().offset) },
              ]}
            />
          </>
        )}
      </Match>
      <Match when={of("rejected")}>{(sent) => <Rejected sent={sent()} />}</Match>
      <Match when={of("unanswered")}>
        {(sent) => (
          <div class="outcome-bad" role="alert">
            <p class="outcome-title">No answer</p>
            <p>{sent().reason}</p>
          </div>
        )}
      </Match>
      <Match when={props.answered.burst}>
        {(burst) => <BurstReply {...props.answered} burst={burst()} />}
      </Match>
    </Switch>
  );
}

function Rejected(props: { readonly sent: Extract<Sent, { kind: "rejected" }> }) {
  const place = () => (props.sent.pointer === "" ? "the whole event" : props.sent.pointer);
  return (
    <div class="outcome-bad" role="alert">
      <p class="outcome-title">{props.sent.status >= 500 ? "Not accepted" : "Rejected"}</p>
      <p>{showText(props.sent.title)}</p>
      <Facts
        facts={[
          { name: "Status", value: props.sent.status },
          { name: "Code", value: <code>{showText(props.sent.code ?? "none")}</code> },
          { name: "At", value: <code>{showText(place() ?? "not said")}</code> },
          { name: "Request", value: <code>{showText(props.sent.requestId ?? "not said")}</code> },
        ]}
      />
    </div>
  );
}

function BurstReply(props: {
  readonly burst: BurstProgress;
  readonly total: number;
  readonly afterMs: number;
}) {
  const answered = () => props.burst.accepted + props.burst.rejected;
  const rate = () => (props.afterMs === 0 ? null : (answered() / props.afterMs) * 1000);
  const words: { readonly [state in BurstProgress["state"]]: string } = {
    running: "Sending",
    done: "Done",
    stopped: "Stopped",
    failed: "Ended early",
  };
  return (
    <>
      <progress value={answered()} max={props.total} aria-label="Events answered" />
      <p role="status">
        {words[props.burst.state]}: {formatCount(props.burst.accepted)} of{" "}
        {formatCount(props.total)} accepted, {formatCount(props.burst.rejected)} rejected,{" "}
        {formatRate(rate())} a second.
      </p>
      <Show when={props.burst.problem}>
        {(problem) => (
          <p class="outcome-bad" role="alert">
            {showText(problem())}
          </p>
        )}
      </Show>
    </>
  );
}
