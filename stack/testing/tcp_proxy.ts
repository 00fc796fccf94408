/**
 * A TCP proxy that breaks connections on purpose. It stands between a service and
 * Kafka, PostgreSQL or S3; its mode holds for open connections and for new ones.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

/** What the proxy does from now on to all its connections. */
export type ProxyMode =
  /** Bytes pass. */
  | { readonly kind: "pass" }
  /** Open connections are reset, and new ones as soon as they open. */
  | { readonly kind: "reset" }
  /** Nothing passes (or nothing to the server), and no connection ends. Held bytes pass later. */
  | { readonly kind: "hold"; readonly direction: "both" | "up" }
  /** Every piece of bytes passes after this delay. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** All connections share a link to the server that carries this much. */
  | { readonly kind: "narrow"; readonly bytesPerSecond: number }
  /** Each connection is reset after this many bytes from the server. */
  | { readonly kind: "cut"; readonly afterBytes: number };

/** Direction of bytes: to the server, or from it. */
export type Direction = "up" | "down";

/**
 * Looks at bytes before they pass.
 *
 * @returns False to stop these bytes and all later ones of the connection.
 */
export type Tap = (bytes: Buffer, direction: Direction) => boolean;

export interface TcpProxy {
  readonly port: number;
  /** How often the mode affected a connection: resets, holds, delays and cuts. */
  readonly interventions: number;
  set(mode: ProxyMode): void;
  /** Sets the function that is called for each piece of bytes; null for none. */
  tap(tap: Tap | null): void;
  stop(): Promise<void>;
}

export interface TcpProxyOptions {
  /** The port to listen on; 0 for a free one. */
  readonly port: number;
  readonly host: string;
  readonly target: { readonly host: string; readonly port: number };
}

/** Starts to listen; everything passes until `set()`. */
export async function startTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const state: State = {
    mode: { kind: "pass" },
    tap: null,
    pairs: new Set(),
    interventions: 0,
    linkFreeAtMs: 0,
  };
  const server = createServer((client) => accept(client, options, state));
  await listening(server, options);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    get interventions() {
      return state.interventions;
    },
    set(mode) {
      state.mode = mode;
      for (const pair of state.pairs) apply(pair, state);
    },
    tap(tap) {
      state.tap = tap;
    },
    async stop() {
      for (const pair of state.pairs) end(pair, state);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

interface State {
  mode: ProxyMode;
  tap: Tap | null;
  readonly pairs: Set<Pair>;
  interventions: number;
  /** When a narrow link has carried everything that was given to it. */
  linkFreeAtMs: number;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** The direction that is held now. */
  held: "nothing" | "up" | "both";
  /** Whether all later bytes are dropped. */
  isDumb: boolean;
  bytesDown: number;
}

function listening(server: Server, { port, host }: TcpProxyOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, () => resolve());
  });
}

function accept(client: Socket, { target }: TcpProxyOptions, state: State): void {
  const upstream = connect(target);
  const pair: Pair = { client, upstream, held: "nothing", isDumb: false, bytesDown: 0 };
  state.pairs.add(pair);
  client.setNoDelay(true);
  upstream.setNoDelay(true);
  join(pair, "up", state);
  join(pair, "down", state);
  for (const socket of [client, upstream]) {
    // An error is followed by the close, which ends both.
    socket.on("error", () => end(pair, state));
    socket.on("close", () => end(pair, state));
  }
  apply(pair, state);
}

/** Passes bytes on in one direction, as fast as the other side takes them. */
function join(pair: Pair, direction: Direction, state: State): void {
  const [from, to] =
    direction === "up" ? [pair.client, pair.upstream] : [pair.upstream, pair.client];
  const lane = createLane((bytes) => pass(bytes, { from, to, pair }));
  from.on("data", (bytes: Buffer) => {
    if (pair.isDumb) return;
    if (state.tap?.(bytes, direction) === false) {
      pair.isDumb = true;
      return;
    }
    if (direction === "down") pair.bytesDown += bytes.length;
    const { mode } = state;
    if (mode.kind === "cut" && pair.bytesDown > mode.afterBytes) {
      state.interventions += 1;
      reset(pair, state);
      return;
    }
    if (mode.kind === "narrow" && direction === "up") {
      const { bytesPerSecond } = mode;
      squeeze(bytes, { bytesPerSecond, from, lane, pair, state });
      return;
    }
    if (mode.kind === "slow") state.interventions += 1;
    lane(bytes, mode.kind === "slow" ? mode.delayMs : 0);
  });
  from.on("end", () => lane(null, 0));
}

interface Squeezed {
  readonly bytesPerSecond: number;
  readonly from: Socket;
  readonly lane: Lane;
  readonly pair: Pair;
  readonly state: State;
}

/** Small pieces, so that the connections take turns. */
const PIECE_BYTES_MAX = 4096;
/** What a connection may have waiting for a narrow link before it is no longer read, ms. */
const AHEAD_MS_MAX = 100;

/** Gives bytes to the narrow link, and stops reading while it has enough to carry. */
function squeeze(bytes: Buffer, { bytesPerSecond, from, lane, pair, state }: Squeezed): void {
  state.interventions += 1;
  const nowMs = performance.now();
  for (let at = 0; at < bytes.length; at += PIECE_BYTES_MAX) {
    const piece = bytes.subarray(at, at + PIECE_BYTES_MAX);
    const freeAtMs = Math.max(state.linkFreeAtMs, nowMs);
    state.linkFreeAtMs = freeAtMs + (piece.length * 1000) / bytesPerSecond;
    lane(piece, state.linkFreeAtMs - nowMs);
  }
  const aheadMs = state.linkFreeAtMs - nowMs;
  if (aheadMs <= AHEAD_MS_MAX) return;
  from.pause();
  setTimeout(() => {
    if (!isHeld(pair, from)) from.resume();
  }, aheadMs - AHEAD_MS_MAX);
}

/** Takes bytes, or null for their end, that pass after a delay; their order stays. */
type Lane = (bytes: Buffer | null, delayMs: number) => void;

/** Bytes after delayed bytes wait for them, whatever their own delay is. */
function createLane(pass: (bytes: Buffer | null) => void): Lane {
  const waiting: { readonly bytes: Buffer | null; readonly dueMs: number }[] = [];
  const passDue = () => {
    let next = waiting[0];
    for (; next !== undefined && next.dueMs <= performance.now(); next = waiting[0]) {
      waiting.shift();
      pass(next.bytes);
    }
    if (next !== undefined) setTimeout(passDue, next.dueMs - performance.now());
  };
  return (bytes, delayMs) => {
    const isFirst = waiting.length === 0;
    if (isFirst && delayMs === 0) {
      pass(bytes);
      return;
    }
    waiting.push({ bytes, dueMs: performance.now() + delayMs });
    if (isFirst) setTimeout(passDue, delayMs);
  };
}

interface Way {
  readonly from: Socket;
  readonly to: Socket;
  readonly pair: Pair;
}

function pass(bytes: Buffer | null, { from, to, pair }: Way): void {
  if (bytes === null) to.end();
  if (bytes === null || to.destroyed || to.write(bytes)) return;
  from.pause();
  to.once("drain", () => {
    if (!isHeld(pair, from)) from.resume();
  });
}

/** Applies the mode to one connection. */
function apply(pair: Pair, state: State): void {
  const { mode } = state;
  if (mode.kind === "reset" || mode.kind === "hold") state.interventions += 1;
  if (mode.kind === "reset") {
    reset(pair, state);
    return;
  }
  if (mode.kind === "cut") pair.bytesDown = 0;
  const before = pair.held;
  pair.held = mode.kind === "hold" ? mode.direction : "nothing";
  if (pair.held === before) return;
  for (const socket of [pair.client, pair.upstream]) {
    if (isHeld(pair, socket)) socket.pause();
    else socket.resume();
  }
}

/** Whether reading from this side is held. */
function isHeld({ held, client }: Pair, socket: Socket): boolean {
  return held === "both" || (held === "up" && socket === client);
}

function reset(pair: Pair, state: State): void {
  state.pairs.delete(pair);
  pair.client.resetAndDestroy();
  pair.upstream.resetAndDestroy();
}

function end(pair: Pair, state: State): void {
  if (!state.pairs.delete(pair)) return;
  pair.client.destroy();
  pair.upstream.destroy();
}
