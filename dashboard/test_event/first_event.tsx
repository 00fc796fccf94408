/** What to do when there is nothing to see yet. */
import { createSignal, Show } from "solid-js";
import { Panel } from "../panels/panel.tsx";

export function FirstEvent(props: { readonly ingestUrl: string }) {
  const [label, setLabel] = createSignal("Copy");
  const command = () =>
    `curl -s ${props.ingestUrl}/events \\
  -H 'content-type: application/json' \\
  -d '{"sessionId":"test-1","eventType":"page_view","payload":{"path":"/home"}}'`;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(command());
      setLabel("Copied");
    } catch {
      // The viewer or the browser forbids it: the command can still be selected.
      setLabel("Can't copy");
    }
  };
  return (
    <Panel title="No events yet" area="first">
      <p class="lead">
        Send one from a terminal, or with the form on this page. It appears here within a second.
      </p>
      <div class="command">
        <pre tabindex="0" aria-label="Command to send a first event">
          <code>{command()}</code>
        </pre>
        {/* Browsers offer the clipboard on secure origins only. */}
        <Show when={isSecureContext}>
          <button type="button" class="button-quiet" onClick={() => void copy()}>
            {label()}
          </button>
        </Show>
      </div>
    </Panel>
  );
}
