/** Reads the keys from PostgreSQL, over one connection, with a role that needs to select only. */
import { connect, guarded, sqlState } from "@tally/shared/database";
import { PipelineError } from "@tally/shared";
import { keySetStatement, keyVersionStatement } from "@tally/shared/keys";
import type { KeyReads } from "./key_watch.ts";

/** Where the keys are. */
export interface KeyPlace {
  readonly url: string;
  /** The option that holds the URL, for messages. */
  readonly option: string;
  readonly schema: string;
}

const STATEMENT_MS_MAX = 2000; // chosen
/** Holds behind a pooler, too, where the bounds of the session are not sent. */
const ANSWER_MS_MAX = 2500; // chosen
const CLOSE_SECONDS_MAX = 1; // chosen
const NO_TABLE = "42P01";

/**
 * Opens the connection; nothing is connected yet.
 *
 * @param answerMsMax How long an answer is waited for, ms.
 * @throws {PipelineError} `config_invalid` when the URL or a file that it names can't be used.
 */
export function openKeyReads(
  place: KeyPlace,
  answerMsMax = ANSWER_MS_MAX,
): KeyReads & { close(): Promise<void> } {
  const { url, option, schema } = place;
  const sql = connect({
    url,
    option,
    schema,
    applicationName: "tally-ingest-keys",
    connectionsMax: 1,
    session: {
      statement_timeout: STATEMENT_MS_MAX,
      lock_timeout: STATEMENT_MS_MAX,
      idle_in_transaction_session_timeout: STATEMENT_MS_MAX,
    },
  });
  const read = async (statement: string): Promise<Answer> => {
    try {
      const [answer] = await guarded(sql, () => sql.unsafe<Answer[]>(statement), answerMsMax);
      return answer ?? {};
    } catch (error) {
      throw explain(error, schema);
    }
  };
  return {
    readVersion: async () => (await read(keyVersionStatement(schema))).version ?? "",
    readAll: async () => (await read(keySetStatement(schema))).keys ?? "",
    close: () => sql.end({ timeout: CLOSE_SECONDS_MAX }),
  };
}

interface Answer {
  readonly version?: string;
  readonly keys?: string;
}

function explain(error: unknown, schema: string): unknown {
  const { cause } = error as { readonly cause?: unknown };
  if (sqlState(cause) !== NO_TABLE) return error;
  return new PipelineError("database_misconfigured", "Cannot read the keys: there is no table", {
    cause,
    remedy: `Start the processor of this version once: it makes the table of keys in the schema "${schema}".`,
  });
}
