/**
 * Ingest: HTTP → Kafka. Builds the parts, listens, and stops so that no request
 * in flight is lost (promise P11). Runs itself only as the entry point.
 */
import {
  createLog,
  createMetrics,
  loadConfig,
  PipelineError,
  runService,
  type Config,
  type Log,
  type RunningService,
} from "@tally/shared";
import { connectProducer, kafkaConnection } from "@tally/shared/kafka";
import { watchBroker } from "./broker.ts";
import type { FlowParts } from "./flow.ts";
import { serve, type IngestServer } from "./server.ts";

/** What a test may put in the place of the real thing. */
export interface StartOptions {
  readonly connect?: typeof connectProducer;
  readonly log?: Log;
  readonly now?: () => number;
  /** How often Kafka is asked whether it is there. */
  readonly probeIntervalMs?: number;
  /** How long a stop still takes new connections, so that whoever balances load sees it coming. */
  readonly stopNoticeMs?: number;
}

/** How long a start waits for Kafka; without it the service listens and answers 503. */
const CONNECT_TIMEOUT_MS = 2000;
/** A broker that says nothing for so long is away; its own pauses are shorter. */
const PROBE_TIMEOUT_MS = 3000;
const PROBE_INTERVAL_MS = 1000;
const STOP_NOTICE_MS = 500;
/** What is left after the answers: closing the client. */
const DISCONNECT_TIMEOUT_MS = 1500;

/**
 * Starts ingest. A stop gives every request in flight its answer first.
 *
 * @throws {PipelineError} `client_unavailable`, `config_invalid`: nothing to be repeated.
 */
export async function start(
  config: Config<"ingest">,
  options: StartOptions = {},
): Promise<RunningService> {
  const { connect = connectProducer, now = Date.now } = options;
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
    onFatal: (error) => log.warn({ error }, "Kafka client died; a new one is being made."),
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
    await Bun.sleep(stopNoticeMs);
    await closeWithin(server, leftMs());
    broker.stop();
    await producer.disconnect(Math.max(leftMs(), DISCONNECT_TIMEOUT_MS));
    log.info({}, "Ingest stopped.");
  }
  return { url: server.url, stop: () => (stopping ??= stop()) };
}

/** Listens; gives back what was built before when the address is not to be had. */
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

/** Lets every request in flight get its answer, then cuts what is still open. */
async function closeWithin(server: IngestServer, timeoutMs: number): Promise<void> {
  const timeUp = Promise.withResolvers<void>();
  const timer = setTimeout(timeUp.resolve, timeoutMs);
  await Promise.race([server.close(), timeUp.promise]);
  clearTimeout(timer);
  await server.cut();
}

if (import.meta.main) {
  await runService("ingest", () => start(loadConfig(Bun.env, "ingest")));
}
