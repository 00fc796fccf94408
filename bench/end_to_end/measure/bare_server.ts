/** A server that does nothing but answer: what HTTP alone costs here. Entry point. */
import { runAsProgram, type ProgramContext } from "../../driver/child.ts";

/** The only report of this program. */
export interface BareServerReport {
  readonly url: string;
}

// The shape of ingest's answer to one event.
const ANSWER = JSON.stringify({
  eventId: "01a207c5-84ea-715d-b55c-a308fd6d017d",
  partition: 1,
  offset: "0",
});
const HEADERS = { headers: { "content-type": "application/json" }, status: 202 };

if (import.meta.main) await runAsProgram(main);

/** Reports its address, then answers until it is killed. */
function main(_: null, { report }: ProgramContext<BareServerReport>): void {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response(ANSWER, HEADERS),
  });
  report({ url: server.url.origin });
}
