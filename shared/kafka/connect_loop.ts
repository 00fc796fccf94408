/**
 * Connects a client, and tries again while Kafka is down: a service that starts
 * before the broker needs no restart. Afterwards librdkafka reconnects itself.
 */
import { backoffMs } from "../backoff.ts";
import { PipelineError } from "../error.ts";
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
  /**
   * The client refuses options that it has taken before: a file that they name is away, for
   * example. Attempts go on. Called once for each reason that follows another one.
   */
  onRefused(error: PipelineError): void;
  /** A client was there before: then the first attempt, too, may refuse and be repeated. */
  readonly isRenewal?: boolean;
}

const REFUSED_REMEDY =
  "Put back what the Kafka options name, such as the file of a key or a certificate, or correct the options and start the service again.";

/** Attempts to connect, one after the other. */
export interface ConnectLoop {
  /** Ends the attempts; resolves when none is in progress. */
  stop(): Promise<void>;
}

/**
 * Starts to connect; resolves when the first attempt is over, with whatever result.
 *
 * @throws {PipelineError} `config_invalid` when the client refuses its options at once.
 */
export async function keepConnecting<Client extends NativeProducer | NativeConsumer>(
  options: ConnectOptions<Client>,
): Promise<ConnectLoop> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let refusedFor: string | null = null;
  const attemptAgain = async (): Promise<boolean> => {
    try {
      return await attempt(options);
    } catch (cause) {
      const { message } = cause as PipelineError;
      if (message !== refusedFor && !signal.aborted) {
        const more = { cause, remedy: REFUSED_REMEDY };
        options.onRefused(new PipelineError("broker_misconfigured", message, more));
      }
      refusedFor = message;
      return false;
    }
  };
  let isConnected = await (options.isRenewal === true ? attemptAgain() : attempt(options));
  const done = (async () => {
    for (let failures = 0; !isConnected && !signal.aborted; failures++) {
      await sleep(backoffMs(failures, BACKOFF), signal);
      if (!signal.aborted) isConnected = await attemptAgain();
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
