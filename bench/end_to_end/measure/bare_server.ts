/** A server that does nothing but answer: what HTTP alone costs here. Entry point. */

// The shape of ingest's answer to one event.
const ANSWER = JSON.stringify({
  eventId: "01a207c5-84ea-715d-b55c-a308fd6d017d",
  partition: 1,
  offset: "0",
});
const HEADERS = { headers: { "content-type": "application/json" }, status: 202 };

if (import.meta.main) main();

/** Prints its address, then answers until it is ended. */
function main(): void {
  // The terminal's first Ctrl-C is for the bench, which lets the round come to its end.
  process.once("SIGINT", () => undefined);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response(ANSWER, HEADERS),
  });
  process.stdout.write(`${JSON.stringify({ url: server.url.origin })}\n`);
}
