/**
 * The keys in a file, as hashes: for a start while PostgreSQL does not answer. The file is written
 * next to its place and then renamed, so that it is always whole.
 */
import { KeySet } from "@tally/shared/keys";
import type { WallClock } from "@tally/shared";
import { chmod, mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** What a file holds. */
export interface KeptKeys {
  readonly set: KeySet;
  /** Since PostgreSQL last confirmed them. */
  readonly ageMs: number;
}

export interface KeyFileOptions {
  readonly path: string;
  /** Which database the keys are of: those of another one are none. */
  readonly database: string;
  readonly wallNow: WallClock;
}

const OWNER_ONLY = 0o600;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Reads the file.
 *
 * @returns Null when it is missing, is of another database or can't be used.
 * @throws {Error} When it can't be read, or when others may write it.
 */
export async function readKeyFile(options: KeyFileOptions): Promise<KeptKeys | null> {
  const { path, database, wallNow } = options;
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  if ((found.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new Error(`Cannot use the keys in "${path}": others may write this file (chmod 600)`);
  }
  const kept = parse(await readFile(path, "utf8"));
  if (kept?.database !== database) return null;
  const set = KeySet.fromJson(kept.keys);
  return set === null ? null : { set, ageMs: Math.max(0, wallNow() - kept.confirmedMs) };
}

/** Writes the file. @throws {Error} When it can't. */
export async function writeKeyFile(options: KeyFileOptions, set: KeySet): Promise<void> {
  const { path, database, wallNow } = options;
  const kept: Kept = { database, confirmedMs: wallNow(), keys: set.toJson() };
  await mkdir(dirname(path), { recursive: true });
  // Of this process alone: another ingest may keep the same file.
  const temporary = `${path}.${process.pid}`;
  const file = await open(temporary, "w", OWNER_ONLY);
  try {
    // One that a crash has left may have other rights.
    await chmod(temporary, OWNER_ONLY);
    await file.writeFile(JSON.stringify(kept));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

interface Kept {
  readonly database: string;
  readonly confirmedMs: number;
  /** The JSON text of a set. */
  readonly keys: string;
}

function parse(text: string): Kept | null {
  try {
    const kept = JSON.parse(text) as Partial<Kept> | null;
    const { database, confirmedMs, keys } = kept ?? {};
    if (typeof database !== "string" || typeof keys !== "string") return null;
    return typeof confirmedMs === "number" ? { database, confirmedMs, keys } : null;
  } catch {
    // Another program wrote it: the same as no file.
    return null;
  }
}
