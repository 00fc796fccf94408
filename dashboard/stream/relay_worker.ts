/** The entry point of the worker that all tabs of a browser share: relay.ts with real parts. */
import { createRelay, type ToRelay } from "./relay.ts";

const relay = createRelay((url) => new EventSource(url));

// `connect` is the event of a shared worker; the types here are those of a page.
addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0];
  if (port === undefined) return;
  port.onmessage = ({ data }: MessageEvent<ToRelay>) => relay.receive(port, data);
});
