/** Ports on the loopback interface: free ones for tests, and clear errors about taken ones. */
import { createServer } from "node:net";

import { StackError } from "./error.ts";

/** Loopback only: nothing of the local stack can be reached from another machine. */
export const LOOPBACK = "127.0.0.1";

/** A wanted port, and the option that changes it. */
export interface WantedPort {
  readonly name: string;
  readonly port: number;
  readonly option: string;
}

/** Whether a server could listen on the port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/**
 * A free port below the range from which the system takes the ports of outgoing
 * connections. A server that is stopped and started again finds it free, which
 * a port from `listen(0)` does not promise. Each process begins in a block of its own: a server
 * takes seconds until it listens, and another process could be given the same port meanwhile.
 */
export async function freePort(random: () => number = Math.random): Promise<number> {
  const block = PORT_MIN + (process.pid % BLOCKS) * BLOCK_PORTS;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const [first, ports] =
      attempt < ATTEMPTS_MAX / 2 ? [block, BLOCK_PORTS] : [PORT_MIN, PORT_MAX - PORT_MIN];
    const port = first + Math.floor(random() * ports);
    if (handedOut.has(port)) continue;
    // Taken before it is tried: another call of this process may try the same port meanwhile.
    handedOut.add(port);
    if (await isPortFree(port)) return port;
    handedOut.delete(port);
  }
  throw new StackError("port_taken", `no free port found between ${PORT_MIN} and ${PORT_MAX}`);
}

/** Throws one error that names every port of the list that is taken. */
export async function checkPorts(wanted: readonly WantedPort[]): Promise<void> {
  const free = await Promise.all(wanted.map(({ port }) => port === 0 || isPortFree(port)));
  const taken = wanted.filter((_, index) => !free[index]);
  if (taken.length > 0) throw portsTaken(taken);
}

/** The error about taken ports: which they are, who wants them, and how to change them. */
export function portsTaken(taken: readonly WantedPort[]): StackError {
  const lines = taken.map(
    ({ name, port, option }) =>
      `port ${port} (${name}) is taken: stop what listens there, or set ${option} to another port`,
  );
  return new StackError("port_taken", lines.join("\n"));
}

/** Linux gives outgoing connections the ports from 32768 on; below 15000 live well-known ones. */
const PORT_MIN = 15_000;
const PORT_MAX = 32_700;
/** Most processes ask for some ports only. // chosen */
const BLOCK_PORTS = 100;
const BLOCKS = (PORT_MAX - PORT_MIN) / BLOCK_PORTS;
const ATTEMPTS_MAX = 200;

/** Ports that this process has given out: their servers may not listen yet. */
const handedOut = new Set<number>();
