/** The archive: what the bucket holds, and the age of the oldest row without an archive line. */
import { Show } from "solid-js";
import type { MetricsFrame } from "@tally/shared";
import { Figure } from "./figure.tsx";
import { formatBytes, formatCount, formatDuration } from "./format.ts";
import { Panel } from "./panel.tsx";

const NO_FRAME = "No frame has come yet";

export function ArchivePanel(props: { readonly frame: MetricsFrame | null }) {
  const archive = () => props.frame?.archive;
  const why = (): string => (props.frame === null ? NO_FRAME : "Not known now");
  return (
    <Panel title="Archive" area="archive">
      <Show
        when={archive()?.enabled !== false}
        fallback={
          <p class="empty">
            The archive is off (<code>S3_ENABLED=false</code>): rows are stored, no archive lines.
          </p>
        }
      >
        <dl class="figures">
          <Figure
            label="Objects"
            value={formatCount(archive()?.objects ?? null)}
            note="in the bucket"
            whyUnknown={why()}
          />
          <Figure
            label="Lines"
            value={formatCount(archive()?.events ?? null)}
            note={rowsNote(props.frame)}
            whyUnknown={why()}
          />
          <Figure
            label="Size"
            value={formatBytes(archive()?.bytes ?? null)}
            note="of all objects"
            whyUnknown={why()}
          />
          <Figure
            label="Oldest unarchived"
            value={formatDuration(archive()?.oldestUnarchivedSeconds ?? null)}
            note={
              archive()?.oldestUnarchivedSeconds === 0 ? "every row has its line" : "oldest row"
            }
            whyUnknown={why()}
          />
        </dl>
        <LastKey lastKey={archive()?.lastKey ?? null} isKnown={props.frame !== null} />
      </Show>
    </Panel>
  );
}

function LastKey(props: { readonly lastKey: string | null; readonly isKnown: boolean }) {
  return (
    <div class="last-key">
      <h3 class="small-title">Last object</h3>
      <Show
        when={props.lastKey}
        fallback={<p class="empty">{props.isKnown ? "No object is stored yet." : NO_FRAME}</p>}
      >
        {(key) => <code class="key">{key()}</code>}
      </Show>
    </div>
  );
}

function rowsNote(frame: MetricsFrame | null): string {
  return frame === null ? "" : `of ${formatCount(frame.writtenTotal)} rows`;
}
