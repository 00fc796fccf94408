/**
 * Connects a client and, while Kafka is away, tries again: a service comes up
 * by itself once the broker does. librdkafka reconnects on its own afterwards.
 */
import { PipelineError } from "../error.ts";
import type { NativeConsumer, NativeProducer } from "./client.ts";
import { KAFKA_CODE, pipelineError, readClientError, settledWithin } from "./connection.ts";

const BACKOFF_MS_MIN = 100;
const BACKOFF_MS_MAX = 2000;

/** What a connection is made of. */
export interface ConnectOptions<Client> {
  /** Makes a new client, not yet connected; it must throw on options it doesn't like. */
  create(): Client;
  /** Longest time of one attempt. */
  readonly attemptTimeoutMs: number;
  onConnected(client: Client): void;
  /** An attempt found no broker; the next one follows. */
  onFailed(error: PipelineError): void;
}

/** An ongoing effort to connect. */
export interface ConnectLoop {
  /** Ends the effort; resolves when no attempt is under way any more. */
  stop(): Promise<void>;
}

/**
 * Starts to connect; resolves when the first attempt is over, however it ended.
 *
 * @throws {PipelineError} `config_invalid` when the client refuses its options.
 */
export async function keepConnecting<Client extends NativeProducer | NativeConsumer>(
  options: ConnectOptions<Client>,
): Promise<ConnectLoop> {
  const stopping = Promise.withResolvers<void>();
  let isStopped = false;
  let isConnected = await attempt(options);
  const done = (async () => {
    let backoffMs = BACKOFF_MS_MIN;
    while (!isConnected && !isStopped) {
      await settledWithin(stopping.promise, backoffMs);
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MS_MAX);
      if (!isStopped) isConnected = await attempt(options);
    }
  })();
  return {
    stop: () => {
      isStopped = true;
      stopping.resolve();
      return done;
    },
  };
}

/** True when connected; false when no broker answered in time. */
function attempt<Client extends NativeProducer | NativeConsumer>(
  options: ConnectOptions<Client>,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void => {
      const { message } = readClientError(cause);
      reject(
        new PipelineError("config_invalid", `Cannot use the Kafka options: ${message}`, { cause }),
      );
    };
    let client: Client;
    try {
      client = options.create();
    } catch (cause) {
      refuse(cause);
      return;
    }
    client.connect({ allTopics: false, timeout: options.attemptTimeoutMs }, (error) => {
      const failure = error as unknown; // Null on success, whatever its type says.
      if (failure === null || failure === undefined) {
        options.onConnected(client);
        resolve(true);
      } else if (readClientError(failure).code === KAFKA_CODE.state) {
        refuse(failure); // The client could not even be made, e.g. a certificate is missing.
      } else {
        options.onFailed(pipelineError("Cannot reach Kafka", failure));
        resolve(false);
      }
    });
  });
}
