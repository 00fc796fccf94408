/** The title of the page: the view, and before it what is wrong: a tab shows nothing else. Pure. */
import type { Verdict } from "../panels/health.ts";
import type { Connection } from "../stream/stream.ts";

export interface Shown {
  /** Title of the view. */
  readonly view: string;
  readonly verdict: Pick<Verdict, "level" | "sentence">;
  readonly connection: Connection["kind"];
}

export function pageTitle({ view, verdict, connection }: Shown): string {
  const alarm = ALARMS[connection] ?? (verdict.level === "bad" ? verdict.sentence : null);
  return `${alarm === null ? "" : `${alarm} – `}${view} – Tally`;
}

/** Old figures say nothing about the system. */
const ALARMS: { readonly [kind in Connection["kind"]]?: string } = {
  stale: "Stale",
  reconnecting: "Reconnecting",
};
