/**
 * Counts the rows that are older than the counts, chunk by chunk, in the background. A processor
 * that is stopped meanwhile leaves the rest to the next one.
 */
import { guarded, type Database } from "@tally/shared/database";
import { readFill } from "./differences.ts";
import { addDifferences, planChunks, registerTypesOfRows, type Chunk } from "./fill.ts";

export interface FillOptions {
  readonly sql: Database;
  /** Ends it after the chunk in progress. */
  readonly signal: AbortSignal;
  readonly onChunk: (chunk: Chunk) => void;
  /** See `planChunks`. */
  readonly chunkRows?: number;
}

/**
 * Fills what is left.
 *
 * @returns Whether all rows are counted; false also while another process fills.
 * @throws {PipelineError} `database_unavailable`, retryable.
 */
export async function fillCounts(options: FillOptions): Promise<boolean> {
  const { sql, signal, onChunk, chunkRows } = options;
  const fill = await guarded(sql, () => readFill(sql));
  if (fill.isComplete) return true;
  const range = { from: fill.filledTo ?? fill.rowsKeptFrom, to: null };
  await registerTypesOfRows(sql, range);
  for (const chunk of await planChunks(sql, range, chunkRows)) {
    if (signal.aborted) return false;
    const isLast = chunk.to === "infinity";
    const outcome = await addDifferences(sql, chunk, (run) =>
      isLast
        ? run`update counts_fill set filled_to = null, completed_at = now()`
        : run`update counts_fill set filled_to = ${chunk.to}::text::timestamptz`,
    );
    if (outcome.kind === "busy") return false;
    onChunk(chunk);
  }
  return true;
}
