/** The ledger as three sums, each with a mark that says whether it adds up. */
import { Show } from "solid-js";
import { Value } from "../../panels/figure.tsx";
import { formatCount, plural } from "../../panels/format.ts";
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
          <Term count={ledger().gaps} noun="gaps" /> + <Term count={ledger().lost} noun="lost" />
          <Mark {...spanMark(ledger())} />
          <Show when={ledger().lostOpen > 0}>
            <span class="account-bad"> {formatCount(ledger().lostOpen)} lost not acknowledged</span>
          </Show>
        </dd>
      </div>
      <div>
        <dt>Read</dt>
        <dd>
          <Term count={ledger().read} noun="records" /> = <Term count={ledger().rows} noun="rows" />{" "}
          + <Term count={ledger().duplicates} noun="duplicates" /> +{" "}
          <Term count={ledger().deadLetters} noun="dead letters" />
          <Mark isWhole={ledger().isReadWhole} words={NOT_WHOLE} />
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
              <Mark isWhole={archive().isWhole} words={NOT_WHOLE} />
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

const NOT_WHOLE = "does not add up";

/** Whether every offset below the rows' positions has its term. */
function spanMark({ unaccounted }: Ledger): MarkProps {
  if (unaccounted === null) return { isWhole: null, words: "" };
  const count = plural(Math.abs(unaccounted), "offset");
  const words = `${NOT_WHOLE}, ${count} ${unaccounted > 0 ? "without a term" : "too many"}`;
  return { isWhole: unaccounted === 0, words };
}

interface MarkProps {
  /** Null when it is not known. */
  readonly isWhole: boolean | null;
  /** What is wrong otherwise. */
  readonly words: string;
}

function Mark(props: MarkProps) {
  return (
    <span
      classList={{
        "account-mark": true,
        "account-good": props.isWhole === true,
        "account-bad": props.isWhole === false,
      }}
    >
      {props.isWhole === null && "? not known now"}
      {props.isWhole === true && "✓ adds up"}
      {props.isWhole === false && `✗ ${props.words}: run bun run audit`}
    </span>
  );
}
