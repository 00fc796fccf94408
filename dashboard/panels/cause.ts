/** Why a dependency does not work, in words. Pure. */
import type { DependencyFrame } from "@tally/shared";
import { ERRORS } from "@tally/shared/error";
import { showText } from "./show_text.ts";

/** An error of a frame; processors of older versions have no message. */
interface ShownError {
  readonly code?: string;
  readonly message?: string;
}

/** The error in words, or null when there is none. */
export function wordsOf({ code, message }: ShownError): string | null {
  if (message !== undefined && message !== "") return showText(message);
  return code === undefined ? null : titleOf(code);
}

/** The last error, when it is of the state that lasts; null while the dependency works. */
export function causeOf({ state, since, lastError }: DependencyFrame): string | null {
  const isAway = state === "down" || state === "configuration";
  if (!isAway || lastError === undefined) return null;
  return Date.parse(lastError.at) >= Date.parse(since) ? wordsOf(lastError) : null;
}

/** A newer processor may have codes that this page does not know. */
function titleOf(code: string): string {
  const titles = new Map<string, { readonly title: string }>(Object.entries(ERRORS));
  return titles.get(code)?.title ?? showText(code);
}
