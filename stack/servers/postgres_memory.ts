/**
 * The rule by which PostgreSQL's settings follow the memory of a machine or container; compose.yml
 * has what it gives for the limit of its container. Pure.
 */
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** Kafka, the S3 server and Tally share it and take up to 1.2 GB (docs/performance.md, derived). */
const ROOMY_BYTES_MIN = 2 * GIB;
/** PostgreSQL's own default. */
const BUFFERS_BYTES_MIN = 128 * MIB;
/** A "reasonable starting value" by PostgreSQL's documentation, which sees no gain above 40 %. */
const BUFFERS_SHARE = 1 / 4;
/** Holds the index of 110 million random ids (measured: 77 bytes per id). */
const BUFFERS_BYTES_MAX = 8 * GIB; // chosen
/** Of all memory: the server's buffers, and as much again that the system caches. */
const CACHE_SHARE = 1 / 2; // chosen
/** With 2 GB of buffers, 8 GB of WAL kept random ids at the cost of ordered ones (measured). */
const WAL_PER_BUFFERS = 4;
/** PostgreSQL's own default. */
const WAL_BYTES_MIN = GIB;
/** It is space on the disk, and after a kill up to this much is replayed before the start. */
const WAL_BYTES_MAX = 8 * GIB; // measured: see WAL_PER_BUFFERS
/** PostgreSQL's default is 5: the first change of each page after a checkpoint logs all of it. */
const CHECKPOINT_MINUTES = 15; // chosen

/**
 * Settings for a machine or container.
 *
 * @param memoryBytes All memory that PostgreSQL and its neighbours share.
 */
export function memorySettings(memoryBytes: number): Readonly<Record<string, string>> {
  const isRoomy = memoryBytes >= ROOMY_BYTES_MIN;
  const share = isRoomy ? memoryBytes * BUFFERS_SHARE : 0;
  const buffers = between(share, BUFFERS_BYTES_MIN, BUFFERS_BYTES_MAX);
  const wal = between(isRoomy ? buffers * WAL_PER_BUFFERS : 0, WAL_BYTES_MIN, WAL_BYTES_MAX);
  return {
    shared_buffers: megabytes(buffers),
    effective_cache_size: megabytes(memoryBytes * CACHE_SHARE),
    max_wal_size: megabytes(wal),
    checkpoint_timeout: `${CHECKPOINT_MINUTES}min`,
  };
}

function between(bytes: number, min: number, max: number): number {
  return Math.min(Math.max(bytes, min), max);
}

/** PostgreSQL's MB are 1024² bytes. */
function megabytes(bytes: number): string {
  return `${Math.floor(bytes / MIB)}MB`;
}
