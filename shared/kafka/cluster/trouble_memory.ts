/**
 * Remembers what clients reported as trouble with Kafka, and tells which of it explains
 * a failure: the most specific of the last minute.
 */
import { PipelineError } from "../../error.ts";
import type { ClientLogLine } from "../connection.ts";
import {
  isForOperator,
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

export class TroubleMemory {
  readonly #bootstrapServers: string;
  readonly #now: () => number;
  readonly #latest = new Map<TroubleKind, { readonly trouble: Trouble; readonly atMs: number }>();

  /** @param now Monotonic, ms. */
  constructor(bootstrapServers: string, now: () => number) {
    this.#bootstrapServers = bootstrapServers;
    this.#now = now;
  }

  /** Takes a line of a client's log. */
  readonly noteLine = (line: ClientLogLine): void => {
    const trouble = readTrouble(line, this.#bootstrapServers);
    if (trouble !== null) this.note(trouble);
  };

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
  }
}
