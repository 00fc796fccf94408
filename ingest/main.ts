/**
 * Ingest: HTTP → Kafka. Builds the parts, listens, and stops so that no request
 * in flight is lost (promise P11). flow.ts follows a request; refusal.ts lists
 * where each status is decided.
 */
import { availableParallelism } from "node:os";
import {
  createLog,
  createMetrics,
  eventually,
  loadConfig,
  needsOperator,
  processesOf,
  runService,
  shareOf,
  sleep,
  monotonicNow,
  wallNow,
  withinTime,
  type Config,
  type Log,
  type PipelineError,
  type RunningService,
  type WallClock,
} from "@tally/shared";
import {
  connectProducer,
  findTopicTrouble,
  kafkaConnection,
  readUnreachedBroker,
  TroubleMemory,
  type KafkaConnection,
  type Producer,
} from "@tally/shared/kafka";
import { watchBroker, type Broker } from "./cluster/broker.ts";
import { PartitionStates } from "./cluster/partition_states.ts";
import { claimPort, listenError } from "./processes/port_claim.ts";
import { supervise } from "./processes/supervisor.ts";
import { runWorker, type Channel, type Group } from "./processes/worker.ts";
import { startKnownKeys, type KnownKeys } from "./keys/known_keys.ts";
import { ANY_SENDERS, createSenders, type Senders } from "./keys/senders.ts";
import { LeasedQuotas } from "./quotas/leased_quotas.ts";
import { LocalQuotas, type Quotas } from "./quotas/quotas.ts";
import { serve, type IngestServer, type ServerParts } from "./server.ts";

/** What a test may replace. */
export interface StartOptions {
  readonly connect?: typeof connectProducer;
  readonly log?: Log;
  readonly wallNow?: WallClock;
  /** Where the keys are; needed with keys on. */
  readonly keysConfig?: Config<"keys">;
  /** Who may send; by default the keys of PostgreSQL say it, and everybody with keys off. */
  readonly senders?: Senders;
  /** Whether this process keeps the file of keys: of several processes one does. */
  readonly keepsKeyFile?: boolean;
  /** Pause between two checks of whether Kafka is reachable. */
  readonly probeIntervalMs?: number;
  /** How long a stopping service still takes connections: load balancers see it is not ready. */
  readonly stopNoticeMs?: number;
  /** The other processes that share the port; absent when this one is alone. */
  readonly group?: Group;
}

/**
 * Records of one partition that wait for their acknowledgement take a quarter of the deadline, so
 * that a link half as fast as measured still delivers them in time.
 */
const DELIVERY_SHARE = 0.25; // chosen
/** At first little: with six partitions a link of 50 KB/s delivers this within 4 s. */
const WINDOW_BYTES = { bytesStart: 32 * 1024, bytesMin: 4 * 1024 };
/** How long a start waits for Kafka; without Kafka the service listens and answers 503. */
const CONNECT_TIMEOUT_MS = 2000;
/** A broker that doesn't answer within this is unreachable; its own pauses are shorter. */
const PROBE_TIMEOUT_MS = 3000;
const PROBE_INTERVAL_MS = 1000;
/** One of several processes takes no requests while others can store them and it can't yet. */
const JOIN_MS_MAX = 3000; // chosen
const STOP_NOTICE_MS = 500;
/** The least time for closing the client, after the last answer. */
const DISCONNECT_TIMEOUT_MS = 1500;

/**
 * Starts ingest. A stop gives every request in flight its answer first.
 *
 * @throws {PipelineError} `client_unavailable`, `config_invalid`; neither is retryable.
 */
export async function start(
  config: Config<"ingest">,
  options: StartOptions = {},
): Promise<RunningService> {
  const { connect = connectProducer } = options;
  const { probeIntervalMs = PROBE_INTERVAL_MS, stopNoticeMs = STOP_NOTICE_MS } = options;
  const log = options.log ?? createLog("ingest", config.log.level);
  const { ingest } = config;
  const connection = kafkaConnection(config, "tally-ingest");
  const troubles = new TroubleMemory(connection, monotonicNow);
  const partitions = createPartitions(config);
  const producer = await connect(connection, {
    lingerMs: ingest.lingerUs / 1000,
    messageTimeoutMs: ingest.requestDeadlineMs,
    queueRecordsMax: ingest.queueRecordsMax,
    queueBytesMax: ingest.queueBytesMax,
    compression: "none",
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    onFatal: (error) => logRenewal(log, error),
    onLog: (line) => {
      troubles.noteLine(line);
      const lost = readUnreachedBroker(line);
      if (lost !== null) partitions.loseLeader(lost);
    },
  });
  const cluster = { producer, partitions, troubles, probeIntervalMs, log };
  const broker = await watch({ config, connection, ...cluster });
  const metrics = createMetrics("ingest");
  const { group } = options;
  if (group !== undefined) await eventually(() => broker.isReady, JOIN_MS_MAX);
  const clock = { wallNow: options.wallNow ?? wallNow };
  const keys = await startKeys({ ...options, ...clock, log });
  const senders = options.senders ?? createOwnSenders(config, keys);
  const shared = { senders, quotas: createQuotas(group), keys };
  const parts = { config, producer, broker, metrics, log, group, ...shared, ...clock };
  const release = async (timeoutMs: number): Promise<void> => {
    broker.stop();
    await Promise.all([keys?.stop(), producer.disconnect(timeoutMs)]);
  };
  const server = await listen(parts, () => release(DISCONNECT_TIMEOUT_MS));
  // Of several processes their supervisor says it, once.
  if (group === undefined) log.info({ url: server.url }, "Ingest started.");
  let stopping: Promise<void> | null = null;

  async function stop(): Promise<void> {
    const endMs = performance.now() + ingest.shutdownMs;
    const leftMs = (): number => Math.max(1, endMs - performance.now());
    server.announceStop();
    if (group?.isOrphaned !== true) await sleep(stopNoticeMs);
    await closeWithin(server, leftMs());
    await release(Math.max(leftMs(), DISCONNECT_TIMEOUT_MS));
    if (group === undefined) log.info({}, "Ingest stopped.");
  }
  return { url: server.url, stop: () => (stopping ??= stop()) };
}

function logRenewal(log: Log, error: PipelineError): void {
  const { code, remedy } = error;
  if (needsOperator(error))
    log.error({ code, remedy, error }, "Kafka client can't be made: an operator must act.");
  else log.warn({ error }, "Kafka client failed; a new one is being created.");
}

/** Null with keys off. */
async function startKeys(
  options: StartOptions & { readonly log: Log; readonly wallNow: WallClock },
): Promise<KnownKeys | null> {
  const { keysConfig, keepsKeyFile = true, log, wallNow: now } = options;
  if (keysConfig === undefined) return null;
  return startKnownKeys({ config: keysConfig, keepsFile: keepsKeyFile, log, wallNow: now });
}

function createOwnSenders({ http }: Config<"ingest">, keys: KnownKeys | null): Senders {
  return http.keysOn ? createSenders(() => keys?.current() ?? null) : ANY_SENDERS;
}

/** Null with keys off: then ingest needs no database. */
function loadKeysConfig({ http }: Config<"ingest">): { keysConfig?: Config<"keys"> } {
  return http.keysOn ? { keysConfig: loadConfig(Bun.env, "keys") } : {};
}

/** Of several processes the supervisor keeps the quotas. */
function createQuotas(group: Group | undefined): Quotas {
  if (group === undefined) return new LocalQuotas(monotonicNow);
  return new LeasedQuotas({ ask: group.lease, processes: group.processes, now: monotonicNow });
}

function createPartitions({ ingest }: Config<"ingest">): PartitionStates {
  return new PartitionStates({
    ...WINDOW_BYTES,
    bytesMax: ingest.queueBytesMax,
    deliveryMs: ingest.requestDeadlineMs * DELIVERY_SHARE,
  });
}

interface WatchParts {
  readonly config: Config<"ingest">;
  readonly connection: KafkaConnection;
  readonly producer: Producer;
  readonly partitions: PartitionStates;
  readonly troubles: TroubleMemory;
  readonly probeIntervalMs: number;
  readonly log: Log;
}

function watch({ config, connection, ...parts }: WatchParts): Promise<Broker> {
  const { topic } = config.kafka;
  return watchBroker({
    ...parts,
    topic,
    findTopicTrouble: () => findTopicTrouble(connection, topic, PROBE_TIMEOUT_MS),
    probeTimeoutMs: PROBE_TIMEOUT_MS,
    now: monotonicNow,
  });
}

/** Starts to listen. If the address is taken, releases the producer first. */
async function listen(parts: ServerParts, release: () => Promise<void>): Promise<IngestServer> {
  const { host, port } = parts.config.ingest;
  try {
    return serve(parts);
  } catch (cause) {
    await release();
    throw listenError(host, port, cause);
  }
}

/** Waits until every request in flight has its answer, then cuts the remaining connections. */
async function closeWithin(server: IngestServer, timeoutMs: number): Promise<void> {
  await withinTime(server.close(), timeoutMs);
  await server.cut();
}

/** What a worker's end may take besides its stop. */
const STOP_RESERVE_MS = 500; // chosen
/** How a supervisor tells its workers their number and how many they are: `--worker=2/3`. */
const WORKER_ARGUMENT = /^--worker=(\d+)\/(\d+)$/;

/** Starts the service as one process, or as a supervisor with its workers. */
async function launch(config: Config<"ingest">): Promise<RunningService> {
  const { ingest } = config;
  const processes = processesOf(ingest, availableParallelism());
  const keys = loadKeysConfig(config);
  if (processes === 1) return start(config, keys);
  const claim = await claimPort(ingest.host, ingest.port);
  const log = createLog("ingest", config.log.level);
  return supervise({
    processes,
    // The arguments of this process, by which `up` finds what a killed one has left.
    command: (worker) => [
      process.execPath,
      ...Bun.argv.slice(1),
      `--worker=${worker}/${processes}`,
    ],
    env: { ...Bun.env, INGEST_PORT: String(claim.port) },
    stopMsMax: ingest.shutdownMs + DISCONNECT_TIMEOUT_MS + STOP_RESERVE_MS,
    log,
    now: monotonicNow,
    onLoop(error) {
      log.error({ code: error.code }, error.message);
      process.exit(1);
    },
  });
}

/** Starts one of several processes, with its share of the bounds. */
function work(worker: number, processes: number): void {
  const config = loadConfig(Bun.env, "ingest");
  const log = createLog("ingest", config.log.level, { worker });
  const keys = loadKeysConfig(config);
  const share = { ...config, ingest: shareOf(config.ingest, processes) };
  const end = runWorker({
    channel: parentChannel(),
    processes,
    start: (group) => start(share, { log, group, keepsKeyFile: worker === 1, ...keys }),
    exit: (code) => process.exit(code),
  });
  process.on("SIGTERM", end);
  // A terminal sends its Ctrl-C to every process; the supervisor decides what it means.
  process.on("SIGINT", () => undefined);
}

function parentChannel(): Channel {
  return {
    // A message to a supervisor that has just ended is lost like the supervisor.
    send: (message) => void (process.connected && process.send?.(message)),
    onMessage: (handler) => void process.on("message", handler),
    onGone: (handler) => void process.on("disconnect", handler),
  };
}

if (import.meta.main) {
  const [, worker, processes] = WORKER_ARGUMENT.exec(Bun.argv.at(-1) ?? "") ?? [];
  if (worker === undefined) await runService("ingest", () => launch(loadConfig(Bun.env, "ingest")));
  else work(Number(worker), Number(processes));
}
