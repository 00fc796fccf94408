/**
 * Archive lines of one run, counted in the bucket itself. Objects never change, so
 * each object of the run's hours is downloaded once.
 */
import { openBucket, type Bucket, type BucketReader } from "@tally/processor/archive/bucket";

import type { RunIds } from "./event.ts";
import { Sightings } from "./sightings.ts";

/** The archive, as one run sees it. */
export interface ArchiveLines {
  readonly sightings: Sightings;
  /** Objects in which lines of the run were found. */
  objects: number;
  /** Reads the objects that are new since the last call. */
  readNew(nowMs: number): Promise<void>;
  close(): void;
}

const HOUR_MS = 3_600_000;
/** Parallel downloads. */
const DOWNLOADS_MAX = 8;
/** How much the clocks of this machine and of the store may differ, ms. */
const CLOCKS_MS_MAX = 300_000;

/** Opens the archive; nothing is read yet. @param startedAtMs When the run began. */
export function openArchiveLines(
  bucket: Bucket,
  run: { ids: RunIds; total: number; startedAtMs: number },
): ArchiveLines {
  const reader = openBucket(bucket);
  const isObject = objectKeyPattern(bucket.keyPrefix);
  const done = new Set<string>();
  const lines: ArchiveLines = {
    sightings: new Sightings(run.ids, run.total),
    objects: 0,
    async readNew(nowMs) {
      const keys: string[] = [];
      for (const folder of hourFolders(bucket.keyPrefix, run.startedAtMs, nowMs)) {
        for await (const page of reader.list(folder)) {
          for (const { key, modifiedMs } of page) {
            // An object that is older than the run holds none of its events.
            if (modifiedMs < run.startedAtMs - CLOCKS_MS_MAX) continue;
            if (isObject.test(key) && !done.has(key)) keys.push(key);
          }
        }
      }
      const readNext = async () => {
        for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
          const bytes = await download(reader, key);
          if (addLines(lines.sightings, bytes, run.ids)) lines.objects += 1;
          done.add(key);
        }
      };
      await Promise.all(Array.from({ length: DOWNLOADS_MAX }, readNext));
    },
    close: () => reader.close(),
  };
  return lines;
}

/** Matches keys of finished objects; a listing may also show temporary names of a store. */
export function objectKeyPattern(keyPrefix: string): RegExp {
  const prefix = keyPrefix.replaceAll(".", String.raw`\.`);
  return new RegExp(
    String.raw`^${prefix}/\d{4}/\d\d/\d\d/\d\d/events-\d{13}-p\d+-\d{20}\.json(\.gz)?$`,
  );
}

/**
 * Folders that may hold the run's objects: the hours since the start, and the hour before. An
 * object is named after its first record and stays open for up to an hour.
 */
export function hourFolders(keyPrefix: string, startedAtMs: number, nowMs: number): string[] {
  const folders: string[] = [];
  for (let ms = startedAtMs - HOUR_MS; ms < nowMs + HOUR_MS; ms += HOUR_MS) {
    const hour = new Date(ms).toISOString().slice(0, 13).replaceAll("-", "/").replace("T", "/");
    folders.push(`${keyPrefix}/${hour}/`);
  }
  return folders;
}

async function download(reader: BucketReader, key: string): Promise<Buffer> {
  // An object that was deleted holds no lines: its events will count as lost.
  const bytes = (await reader.read(key))?.bytes ?? Buffer.alloc(0);
  return key.endsWith(".gz") ? Buffer.from(Bun.gunzipSync(new Uint8Array(bytes))) : bytes;
}

const LINE_END = 10;

/**
 * Counts the lines that belong to the run. The canonical encoding begins every line with its event
 * id, so it is enough to look for the prefix.
 *
 * @returns Whether it found any.
 */
export function addLines(sightings: Sightings, bytes: Buffer, ids: RunIds): boolean {
  const before = '{"eventId":"';
  const wanted = Buffer.from(before + ids.prefix);
  let any = false;
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) {
    if (at > 0 && bytes[at - 1] !== LINE_END) continue;
    const start = at + before.length;
    sightings.add(bytes.toString("latin1", start, bytes.indexOf('"', start)));
    any = true;
  }
  return any;
}
