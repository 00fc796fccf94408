/** What to do when there is nothing to see yet. */
import { createSignal } from "solid-js";
import { copyText } from "../panels/copy_text.ts";
import { Panel } from "../panels/panel.tsx";

export function FirstEvent(props: { readonly ingestUrl: string }) {
  const [label, setLabel] = createSignal("Copy");
  const command = () =>
    `curl -s ${props.ingestUrl}/events \\
  -H 'content-type: application/json' \\
  -d '{"sessionId":"test-1","eventType":"page_view","payload":{"path":"/home"}}'`;
  const copy = async (): Promise<void> => {
    // The command can still be selected where the browser forbids it.
    setLabel((await copyText(command())) ? "Copied" : "Can't copy");
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
        <button type="button" class="button-quiet" onClick={() => void copy()}>
          {label()}
        </button>
      </div>
    </Panel>
  );
}
