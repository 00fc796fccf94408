/**
 * Ingest: HTTP → Kafka. Builds the parts, listens, and stops so that no request
 * in flight is lost (promise P11). flow.ts follows a request; refusal.ts lists
 * where each status is decided.
 */
import {
  createLog,
  createMetrics,
  loadConfig,
  PipelineError,
  runService,
  sleep,
  wallNow,
  withinTime,
  type Config,
  type Log,
  type RunningService,
  type WallClock,
} from "@tally/shared";
import { connectProducer, kafkaConnection } from "@tally/shared/kafka";
import { watchBroker } from "./broker.ts";
import type { FlowParts } from "./flow.ts";
import { serve, type IngestServer } from "./server.ts";

/** What a test may replace. */
export interface StartOptions {
  readonly connect?: typeof connectProducer;
  readonly log?: Log;
  readonly now?: WallClock;
  /** Pause between two checks of whether Kafka is reachable. */
  readonly probeIntervalMs?: number;
  /** How long a stopping service still takes connections: load balancers see it is not ready. */
  readonly stopNoticeMs?: number;
}

/** How long a start waits for Kafka; without Kafka the service listens and answers 503. */
const CONNECT_TIMEOUT_MS = 2000;
/** A broker that doesn't answer within this is unreachable; its own pauses are shorter. */
const PROBE_TIMEOUT_MS = 3000;
const PROBE_INTERVAL_MS = 1000;
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
  const { connect = connectProducer, now = wallNow } = options;
  const { probeIntervalMs = PROBE_INTERVAL_MS, stopNoticeMs = STOP_NOTICE_MS } = options;
  const log = options.log ?? createLog("ingest", config.log.level);
  const { ingest } = config;
  const producer = await connect(kafkaConnection(config, "tally-ingest"), {
    lingerMs: ingest.lingerUs / 1000,
    messageTimeoutMs: ingest.requestDeadlineMs,
    queueRecordsMax: ingest.queueRecordsMax,
    queueBytesMax: ingest.queueBytesMax,
    compression: "none",
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    onFatal: (error) => log.warn({ error }, "Kafka client failed; a new one is being created."),
  });
  const broker = await watchBroker({
    producer,
    probeIntervalMs,
    probeTimeoutMs: PROBE_TIMEOUT_MS,
    log,
  });
  const metrics = createMetrics("ingest");
  const server = await listen({ config, producer, broker, metrics, log, now }, async () => {
    broker.stop();
    await producer.disconnect(DISCONNECT_TIMEOUT_MS);
  });
  log.info({ url: server.url }, "Ingest started.");
  let stopping: Promise<void> | null = null;

  async function stop(): Promise<void> {
    const endMs = performance.now() + ingest.shutdownMs;
    const leftMs = (): number => Math.max(1, endMs - performance.now());
    server.announceStop();
    await sleep(stopNoticeMs);
    await closeWithin(server, leftMs());
    broker.stop();
    await producer.disconnect(Math.max(leftMs(), DISCONNECT_TIMEOUT_MS));
    log.info({}, "Ingest stopped.");
  }
  return { url: server.url, stop: () => (stopping ??= stop()) };
}

/** Starts to listen. If the address is taken, releases the producer first. */
async function listen(parts: FlowParts, release: () => Promise<void>): Promise<IngestServer> {
  const { host, port } = parts.config.ingest;
  try {
    return serve(parts);
  } catch (cause) {
    await release();
    const message = `Cannot listen on "${host}:${port}": the address is not free, set INGEST_PORT or INGEST_HOST`;
    throw new PipelineError("config_invalid", message, { cause });
  }
}

/** Waits until every request in flight has its answer, then cuts the remaining connections. */
async function closeWithin(server: IngestServer, timeoutMs: number): Promise<void> {
  await withinTime(server.close(), timeoutMs);
  await server.cut();
}

if (import.meta.main) {
  await runService("ingest", () => start(loadConfig(Bun.env, "ingest")));
}
