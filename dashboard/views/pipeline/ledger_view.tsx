/** The ledger as three sums, each with a mark that says whether it adds up. */
import { Show } from "solid-js";
import { Value } from "../../panels/figure.tsx";
import { formatCount } from "../../panels/format.ts";
import type { Ledger } from "./ledger.ts";

export function LedgerView(props: { readonly ledger: Ledger }) {
  const ledger = () => props.ledger;
  return (
    <dl class="ledger">
      <div>
        <dt>In the log</dt>
        <dd>
          <Term count={ledger().inLog} noun="offsets" /> ={" "}
          <Term count={ledger().read} noun="read" /> +{" "}
          <Term count={ledger().notRead} noun="not read yet" /> +{" "}
          <Term count={ledger().gaps} noun="gaps" />
          <Show when={ledger().lost > 0}>
            <span class="account-bad"> of them {formatCount(ledger().lost)} lost</span>
          </Show>
        </dd>
      </div>
      <div>
        <dt>Read</dt>
        <dd>
          <Term count={ledger().read} noun="records" /> = <Term count={ledger().rows} noun="rows" />{" "}
          + <Term count={ledger().duplicates} noun="duplicates" /> +{" "}
          <Term count={ledger().deadLetters} noun="dead letters" />
          <Mark isWhole={ledger().isReadWhole} />
        </dd>
      </div>
      <Show when={ledger().archive}>
        {(archive) => (
          <div>
            <dt>Rows</dt>
            <dd>
              <Term count={ledger().rows} noun="rows" /> ={" "}
              <Term count={archive().lines} noun="archive lines" /> +{" "}
              <Term count={archive().toArchive} noun="to archive" />
              <Mark isWhole={archive().isWhole} />
            </dd>
          </div>
        )}
      </Show>
    </dl>
  );
}

function Term(props: { readonly count: number | null; readonly noun: string }) {
  return (
    <span class="account-term">
      <strong>
        <Value text={formatCount(props.count)} />
      </strong>{" "}
      {props.noun}
    </span>
  );
}

function Mark(props: { readonly isWhole: boolean }) {
  return (
    <span
      classList={{
        "account-mark": true,
        "account-good": props.isWhole,
        "account-bad": !props.isWhole,
      }}
    >
      {props.isWhole ? "✓ adds up" : "✗ does not add up: run bun run audit"}
    </span>
  );
}
