/** Dead letters with their reasons, and duplicates, which are normal. */
import { createMemo, Index, Show } from "solid-js";
import type { MetricsFrame } from "@tally/shared";
import { Figure } from "./figure.tsx";
import { formatCount } from "./format.ts";
import { Panel } from "./panel.tsx";

const NO_FRAME = "No frame has come yet";

export function DeadLetterPanel(props: { readonly frame: MetricsFrame | null }) {
  const codes = createMemo(() =>
    Object.entries(props.frame?.deadLetters.byCode ?? {}).toSorted((a, b) => b[1] - a[1]),
  );
  return (
    <Panel title="Dead letters" area="letters">
      <dl class="figures">
        <Figure
          label="Duplicates"
          value={formatCount(props.frame?.duplicates ?? null)}
          note="same event again, one row"
          whyUnknown={NO_FRAME}
        />
        <Figure
          label="Dead letters"
          value={formatCount(props.frame?.deadLetters.total ?? null)}
          note="kept with their reason"
          whyUnknown={NO_FRAME}
        />
      </dl>
      <Show when={codes().length > 0}>
        <ul class="codes" aria-label="Dead letters by code">
          <Index each={codes()}>
            {(entry) => (
              <li>
                <code>{entry()[0]}</code>
                <span>{formatCount(entry()[1])}</span>
              </li>
            )}
          </Index>
        </ul>
      </Show>
    </Panel>
  );
}
