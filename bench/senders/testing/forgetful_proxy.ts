/**
 * A proxy that loses answers: every third request that ingest has taken is answered with 503. So
 * its sender sends again what is stored already.
 */

/** How many requests have one whose answer is lost. */
const ONE_IN = 3;

export interface ForgetfulProxy {
  readonly url: string;
  /** Answers that were lost. */
  readonly lost: number;
  stop(): Promise<void>;
}

/** Starts a proxy in front of ingest. */
export function startForgetfulProxy(ingestUrl: string): ForgetfulProxy {
  let taken = 0;
  let lost = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const { method, headers } = request;
      const body = method === "POST" ? await request.arrayBuffer() : null;
      const answer = await fetch(`${ingestUrl}${pathname}`, { method, headers, body });
      if (method !== "POST" || !answer.ok || taken++ % ONE_IN > 0) return answer;
      lost += 1;
      return new Response(null, { status: 503, headers: answer.headers });
    },
  });
  return {
    url: server.url.origin,
    get lost() {
      return lost;
    },
    stop: () => server.stop(true),
  };
}
