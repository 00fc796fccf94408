/** The place of a view, and what stands there when the view can't be shown. */
import {
  type Component,
  createEffect,
  createMemo,
  ErrorBoundary,
  on,
  Show,
  Suspense,
} from "solid-js";
import { Dynamic } from "solid-js/web";
import type { ViewName } from "../address/page_state.ts";
import { NotLoaded } from "./lazy_part.ts";
import type { Page, ViewProps } from "./page.ts";

export interface ViewPlaceProps extends ViewProps {
  readonly component: Component<ViewProps> | undefined;
}

export function ViewPlace(props: ViewPlaceProps) {
  /** Views whose code did not come once. */
  const failed = new Set<ViewName>();
  return (
    <ErrorBoundary
      fallback={(error: unknown, reset) => (
        <Broken page={props.page} error={error} failed={failed} onRetry={reset} />
      )}
    >
      <Suspense fallback={<p class="loading">Loading the view</p>}>
        <Dynamic component={props.component} page={props.page} />
      </Suspense>
    </ErrorBoundary>
  );
}

interface BrokenProps extends ViewProps {
  readonly error: unknown;
  readonly failed: Set<ViewName>;
  readonly onRetry: () => void;
}

/** It leaves by itself: for another view, and when the processor is back. */
function Broken(props: BrokenProps) {
  const { page, failed } = props;
  const name = createMemo(() => page.state().view);
  const connection = createMemo(() => page.stream.connection().kind);
  const isMissing = props.error instanceof NotLoaded;
  createEffect(on(name, () => props.onRetry(), { defer: true }));
  createEffect(
    on(connection, (now, before) => {
      // Where no break came between, the next load may fail as well, and the one after it.
      const isWorthIt = before === undefined ? failed.has(name()) : before !== "connecting";
      failed.add(name());
      if (now !== "live" || !isWorthIt) return;
      if (isMissing) location.reload();
      else props.onRetry();
    }),
  );
  return (
    <section class="panel area-wide" role="alert">
      <Show when={isMissing} fallback={<Failed error={props.error} />}>
        <p class="outcome-title">This view can't be loaded now</p>
        <p>{whyMissing(page)}</p>
      </Show>
      <button type="button" class="button-quiet" onClick={() => location.reload()}>
        Load the page again
      </button>
    </section>
  );
}

function whyMissing({ stream }: Page): string {
  return stream.connection().kind === "live"
    ? "Its code did not come. The processor may have a newer version of this page."
    : "Its code comes from the processor, which does not answer. It appears when that is back.";
}

function Failed(props: { readonly error: unknown }) {
  return (
    <>
      <p class="outcome-title">This view can't be shown</p>
      <p class="note">{String(props.error)}</p>
    </>
  );
}
