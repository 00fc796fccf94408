/**
 * Remembers what clients reported as trouble with Kafka, and tells which of it explains
 * a failure: the most specific of the last minute.
 */
import { PipelineError } from "../../error.ts";
import type { ClientLogLine, KafkaConnection } from "../connection.ts";
import { findProtocolMismatch } from "./protocol_mismatch.ts";
import {
  isForOperator,
  readClosedAddress,
  readTrouble,
  troubleText,
  type Trouble,
  type TroubleKind,
} from "./trouble.ts";

/** Twice the time after which librdkafka repeats a line about one broker. */
const REMEMBERED_MS = 60_000;

/** Most specific first: a broker that is away explains less than a refused login. */
const ORDER: readonly TroubleKind[] = [
  "topic_missing",
  "topic_refused",
  "login_refused",
  "certificate_untrusted",
  "protocol_mismatch",
  "tls_failed",
  "name_unresolved",
  "advertised_elsewhere",
  "not_connected",
  "closed_at_once",
];

/** A broker that ends connections is asked this often what its listener speaks. */
const ASK_INTERVAL_MS = 10_000; // chosen

type Connection = Pick<KafkaConnection, "bootstrapServers" | "securityProtocol">;

export class TroubleMemory {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #findMismatch: typeof findProtocolMismatch;
  readonly #latest = new Map<TroubleKind, { readonly trouble: Trouble; readonly atMs: number }>();
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** The last answer of a listener that speaks another protocol. */
  #mismatch: Trouble | null = null;

  /** @param now Monotonic, ms. */
  constructor(connection: Connection, now: () => number, findMismatch = findProtocolMismatch) {
    this.#connection = connection;
    this.#now = now;
    this.#findMismatch = findMismatch;
  }

  /** Takes a line of a client's log. */
  readonly noteLine = (line: ClientLogLine): void => {
    const trouble = readTrouble(line, this.#connection.bootstrapServers);
    if (trouble === null) return;
    // What a listener answered says more than the client's guess.
    this.note(trouble.kind === "protocol_mismatch" ? (this.#mismatch ?? trouble) : trouble);
    const address = readClosedAddress(line);
    if (address !== null) void this.#ask(address);
  };

  async #ask(address: string): Promise<void> {
    if (this.#now() - this.#askedAtMs < ASK_INTERVAL_MS) return;
    this.#askedAtMs = this.#now();
    const { securityProtocol = "plaintext" } = this.#connection;
    this.#mismatch = await this.#findMismatch(address, securityProtocol);
    if (this.#mismatch !== null) this.note(this.#mismatch);
  }

  note(trouble: Trouble): void {
    this.#latest.set(trouble.kind, { trouble, atMs: this.#now() });
  }

  /** What explains a failure now; null when nothing is known. */
  get current(): Trouble | null {
    const oldestMs = this.#now() - REMEMBERED_MS;
    for (const kind of ORDER) {
      const found = this.#latest.get(kind);
      if (found !== undefined && found.atMs >= oldestMs) return found.trouble;
    }
    return null;
  }

  /**
   * Adds what explains a failure. It becomes `broker_misconfigured` when waiting cannot help.
   * Errors that say themselves what is wrong stay as they are.
   */
  explain(error: PipelineError): PipelineError {
    const trouble = error.code === "broker_unavailable" ? this.current : null;
    if (trouble === null) return error;
    const message = `${error.message}: ${troubleText(trouble)}`;
    const { code, cause } = error;
    if (!isForOperator(trouble)) return new PipelineError(code, message, { cause });
    return new PipelineError("broker_misconfigured", message, { cause, remedy: trouble.advice });
  }

  /** Forgets everything: Kafka works. */
  clear(): void {
    this.#latest.clear();
    this.#mismatch = null;
  }
}
