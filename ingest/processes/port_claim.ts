/**
 * Who owns the port: several processes share it, so the kernel would also let a second ingest
 * share it. The supervisor finds out whether it is free, and holds a name of the kernel for it
 * that ends with the process.
 */
import { eventually, PipelineError } from "@tally/shared";

/** Workers of a supervisor that was killed close their port within milliseconds. */
const FREE_MS_MAX = 2000; // chosen

/** A port that other supervisors are refused. */
export interface PortClaim {
  /** The port; the one that was found when any was asked for. */
  readonly port: number;
  release(): void;
}

/**
 * Takes a port for the workers of this process.
 *
 * @param port 0 takes a free one.
 * @throws {PipelineError} `config_invalid` when another program listens there.
 */
export async function claimPort(host: string, port: number): Promise<PortClaim> {
  let found: number | null = null;
  let cause: unknown;
  const isFree = (): boolean => {
    try {
      found = probe(host, port);
    } catch (error) {
      cause = error;
    }
    return found !== null;
  };
  if (!(await eventually(isFree, FREE_MS_MAX)) || found === null) {
    throw listenError(host, port, cause);
  }
  try {
    return { port: found, release: holdName(`tally-ingest-${host}:${found}`) };
  } catch (error) {
    throw listenError(host, found, error);
  }
}

/** Listens alone for a moment. @throws {Error} When any other program listens. */
function probe(host: string, port: number): number {
  const server = Bun.serve({
    hostname: host,
    port,
    development: false,
    reusePort: false,
    fetch: () => new Response(null, { status: 503 }),
  });
  const { port: found = port } = server;
  void server.stop(true);
  return found;
}

/** An abstract socket of Linux: it leaves no file, and belongs to one process at a time. */
function holdName(name: string): () => void {
  if (process.platform !== "linux") return () => undefined;
  const socket = Bun.listen({ unix: `\0${name}`, socket: { data: () => undefined } });
  socket.unref();
  return () => socket.stop(true);
}

/** The error of a start that finds its address taken. */
export function listenError(host: string, port: number, cause: unknown): PipelineError {
  const message = `Cannot listen on "${host}:${port}": the address is not free, set INGEST_PORT or INGEST_HOST`;
  return new PipelineError("config_invalid", message, { cause });
}
