/** What to do when there is nothing to see yet. */
import { createSignal, Show } from "solid-js";
import { Panel } from "./panel.tsx";

export function FirstEvent(props: { readonly ingestUrl: string }) {
  const [copied, setCopied] = createSignal(false);
  const command = () =>
    `curl -s ${props.ingestUrl}/events \\
  -H 'content-type: application/json' \\
  -d '{"sessionId":"test-1","eventType":"page_view","payload":{"path":"/home"}}'`;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(command());
    setCopied(true);
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
            {copied() ? "Copied" : "Copy"}
          </button>
        </Show>
      </div>
    </Panel>
  );
}
