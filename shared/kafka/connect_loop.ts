/**
 * Connects a client, and tries again while Kafka is down: a service that starts
 * before the broker needs no restart. Afterwards librdkafka reconnects itself.
 */
import { backoffMs } from "../backoff.ts";
import type { PipelineError } from "../error.ts";
import { sleep } from "../wait.ts";
import type { NativeConsumer, NativeProducer } from "./client.ts";
import { KAFKA_CODE, type KafkaConnection, pipelineError, readClientError } from "./connection.ts";
import { optionsError } from "./properties.ts";

const BACKOFF = { msMin: 100, msMax: 2000 };

/** How to connect one kind of client. */
export interface ConnectOptions<Client> {
  readonly connection: KafkaConnection;
  /** Makes a new client, not yet connected; it must throw on invalid options. */
  create(): Client;
  /** Longest time of one attempt, ms. */
  readonly attemptTimeoutMs: number;
  onConnected(client: Client): void;
  /** An attempt found no broker; the next one follows. */
  onFailed(error: PipelineError): void;
}

/** Attempts to connect, one after the other. */
export interface ConnectLoop {
  /** Ends the attempts; resolves when none is in progress. */
  stop(): Promise<void>;
}

/**
 * Starts to connect; resolves when the first attempt is over, with whatever result.
 *
 * @throws {PipelineError} `config_invalid` when the client refuses its options.
 */
export async function keepConnecting<Client extends NativeProducer | NativeConsumer>(
  options: ConnectOptions<Client>,
): Promise<ConnectLoop> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let isConnected = await attempt(options);
  const done = (async () => {
    for (let failures = 0; !isConnected && !signal.aborted; failures++) {
      await sleep(backoffMs(failures, BACKOFF), signal);
      if (!signal.aborted) isConnected = await attempt(options);
    }
  })();
  return {
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}

/** True when connected; false when no broker answered in time. */
function attempt<Client extends NativeProducer | NativeConsumer>(
  options: ConnectOptions<Client>,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void => reject(optionsError(cause, options.connection));
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
