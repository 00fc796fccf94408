/**
 * Opens the sockets of one pool, to its hosts in turn. The driver's own choice of a host never
 * fails while several hosts are down, and it reconnects without a pause to a server that hangs up.
 */
import type { DatabaseHost } from "../config/database_target.ts";
import { connect, type Socket } from "node:net";

export interface Sockets {
  /** Opens one, which may still fail to connect. */
  open(): Promise<Socket>;
  /** Ends all connections; later ones go to the next host, or to the same when there is one. */
  renew(): void;
  /** Returns what ends the connections of now on which nothing has arrived when it is called. */
  watchSilence(): () => Promise<unknown>;
}

// As long as the driver's own pause after a connection that failed.
const PAUSE_MS = 200; // chosen

/** @param hosts One or more. @param first Index of the one that is tried first. */
export function createSockets(hosts: readonly DatabaseHost[], first = 0): Sockets {
  /** Each with the index of its host. */
  const live = new Map<Socket, number>();
  let at = first;
  let failuresInRow = 0;
  const leave = (index: number): void => {
    if (index === at) at = (at + 1) % hosts.length;
  };
  return {
    async open() {
      if (failuresInRow >= hosts.length) await Bun.sleep(PAUSE_MS);
      const index = at;
      const socket = connectTo(hosts[index] ?? NOWHERE);
      let hasAnswered = false;
      live.set(socket, index);
      socket.once("data", () => {
        hasAnswered = true;
        failuresInRow = 0;
      });
      socket.once("close", (hadError: boolean) => {
        live.delete(socket);
        if (hasAnswered) return;
        failuresInRow += 1;
        leave(index);
        // The driver would connect again without end, and its statement would get no outcome.
        if (!hadError) socket.emit("error", new Error("the server closed the new connection"));
      });
      return socket;
    },
    renew() {
      leave(at);
      for (const socket of live.keys()) socket.destroy();
    },
    watchSilence() {
      const before = [...live].map(([socket, index]) => {
        const { bytesRead } = socket;
        return { socket, index, hasReadNothing: () => socket.bytesRead === bytesRead };
      });
      return () => {
        const silent = before.filter((one) => live.has(one.socket) && one.hasReadNothing());
        return Promise.all(
          silent.map(({ socket, index }) => {
            const { promise, resolve } = Promise.withResolvers<void>();
            socket.once("close", () => resolve());
            leave(index);
            socket.destroy();
            return promise;
          }),
        );
      };
    },
  };
}

const NOWHERE: DatabaseHost = { host: "localhost", port: 5432 };

function connectTo({ host, port }: DatabaseHost): Socket {
  const socket = host.startsWith("/")
    ? connect({ path: `${host}/.s.PGSQL.${port}` })
    : connect({ host, port });
  // The driver reads both for its messages, and the host as the name that TLS asks for.
  return Object.assign(socket, { host, port });
}
