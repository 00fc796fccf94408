/** The form for a first event: open while the system is empty, folded away once events flow. */
import { createEffect, createSignal, Suspense } from "solid-js";
import { lazyPart } from "../../shell/lazy_part.ts";
import type { ViewProps } from "../../shell/page.ts";

/** Only a page that opens without any event needs it. */
const Send = lazyPart(async () => (await import("../send/send.tsx")).Send);

export function FirstSend(props: ViewProps & { readonly isEmpty: boolean }) {
  const [isBusy, setBusy] = createSignal(false);
  let details: HTMLDetailsElement | undefined;
  let hasFolded = false;
  const fold = (focused: EventTarget | null): void => {
    // Only once: the viewer may open it again.
    if (props.isEmpty || isBusy() || hasFolded || details === undefined) return;
    // While the focus is in it, its viewer types there or reads the answer.
    if (focused instanceof Node && details.contains(focused)) return;
    hasFolded = true;
    details.open = false;
  };
  createEffect(() => fold(document.activeElement));
  return (
    <details
      class="first-send area-wide"
      open
      ref={(element) => {
        details = element;
      }}
      onFocusOut={(event) => {
        // Another window has the focus: this one is as it was when the viewer returns.
        if (document.hasFocus()) fold(event.relatedTarget);
      }}
    >
      <summary>Send a test event</summary>
      <Suspense>
        <Send page={props.page} onBusy={setBusy} />
      </Suspense>
    </details>
  );
}
