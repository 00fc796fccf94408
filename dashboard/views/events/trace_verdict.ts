/** What is known of the way of one event, in one sentence, and how to check it. Pure. */
import type { EventTrace } from "@tally/shared";
import { formatCount } from "../../panels/format.ts";
import type { Progress } from "../../test_event/follow_event.ts";

export interface Verdict {
  readonly level: "good" | "bad" | "unknown";
  readonly sentence: string;
}

/** The page reads what PostgreSQL has recorded; the object itself is not read. */
export interface Store {
  readonly isEnabled: boolean;
  /** Whether S3 does not answer, or refuses. */
  readonly isAway: boolean;
}

export function verdictOf(progress: Pick<Progress, "trace" | "state">, store: Store): Verdict {
  const { trace, state } = progress;
  if (trace === null) return unknown(state === "gave_up" ? NOT_KNOWN : NOT_YET);
  if (trace.row === null) {
    const sentence = "This event is a dead letter: it is no row and no archive line.";
    return trace.deadLetter === null ? unknown(NOT_YET) : { level: "bad", sentence };
  }
  const { archive } = trace;
  if (archive?.state === "stored") {
    const { line, lines } = archive;
    const where =
      line === null
        ? "one line in the archive"
        : `line ${formatCount(line)} of ${formatCount(lines)} of its archive object`;
    const recorded = `One row, and recorded as ${where}`;
    if (store.isAway) return unknown(`${recorded}; S3 gives no answer now.`);
    return { level: "good", sentence: `${recorded}, which S3 confirmed at the upload.` };
  }
  if (!store.isEnabled) return { level: "good", sentence: "One row. The archive is off." };
  return unknown("One row; its archive line follows.");
}

const NOT_KNOWN = "Not known: there is no row and no dead letter with this id.";
const NOT_YET =
  "No row and no dead letter has this id yet. An event that was sent just now appears here.";

function unknown(sentence: string): Verdict {
  return { level: "unknown", sentence };
}

const HOUR_MS = 3_600_000;

/** The command that reads the object of an event and compares it with the rows. */
export function auditCommand({ accepted, log }: Pick<EventTrace, "accepted" | "log">): string {
  const receivedMs = Date.parse(accepted?.at ?? "");
  if (log === null || !Number.isFinite(receivedMs)) return "bun run audit";
  const fromMs = Math.floor(receivedMs / HOUR_MS) * HOUR_MS;
  const hour = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  return `bun run audit --partition ${log.partition} --from ${hour(fromMs)} --to ${hour(fromMs + HOUR_MS)}`;
}
