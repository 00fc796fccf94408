/**
 * Owners of one archive partition that can be killed or frozen before or behind
 * every call to the database and to the store, and the bucket they share. Test
 * support.
 */
import { PipelineError, loadConfig } from "@tally/shared";
import { digestOf } from "../lines.ts";
import { archiveSink, type ArchiveSink } from "../archive_sink.ts";
import type { TestArchive } from "./archive.ts";
import type { Database } from "../../database/database.ts";
import type { NewObject, ObjectStore } from "../object_store.ts";
import type { Batch, Written } from "../../pipeline/sink.ts";

/** Where an owner's write is stopped: at which of its calls, on which side, and how. */
export interface Trap {
  /** Counted from the write's first call. */
  readonly call: number;
  /** Behind a call it is done and its answer is lost. */
  readonly side: "before" | "behind";
  readonly how: "kill" | "freeze";
}

/** The bucket: objects are created once and never change. */
export interface Bucket {
  readonly objects: Map<string, NewObject>;
  readonly store: ObjectStore;
}

export function newBucket(): Bucket {
  const objects = new Map<string, NewObject>();
  return {
    objects,
    store: {
      create: async (object) => {
        if (objects.has(object.key)) return "exists";
        // A copy: what the caller does with its bytes afterwards is its own affair.
        objects.set(object.key, { ...object, body: Uint8Array.from(object.body) });
        return "created";
      },
      readDigest: async (key) => objects.get(key)?.sha256 ?? null,
      readMetadata: async (key) => {
        const object = objects.get(key);
        return object === undefined ? null : { ...object.metadata, sha256: object.sha256 };
      },
      list: async ({ prefix, after }) =>
        [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted(),
      read: async (key) => objects.get(key)?.body ?? null,
      reach: async () => undefined,
      close: () => undefined,
    },
  };
}

/** What a write came to: its result, or the error that ended it. */
export type Outcome = { readonly written: Written } | { readonly error: unknown };

/** A process that owns the partition, or believes so. */
export class Owner {
  readonly sink: ArchiveSink;
  /** The position and the plans that it once read. */
  believed: { readonly nextOffset: bigint; readonly planned: readonly bigint[] };
  #trap: Trap | null = null;
  #calls = 0;
  #frozen: {
    readonly thaw: PromiseWithResolvers<void>;
    readonly outcome: Promise<Outcome>;
  } | null = null;
  #onFrozen: ((thaw: PromiseWithResolvers<void>) => void) | null = null;

  constructor(archive: TestArchive, bucket: Bucket, env: Record<string, string>) {
    this.believed = { nextOffset: 0n, planned: [] };
    const run = <T>(call: () => Promise<T>) => this.#pass(call);
    const { create, readDigest, readMetadata, list, read } = bucket.store;
    this.sink = archiveSink({
      // Every statement of a write is one call of the tag.
      sql: new Proxy(archive.sql, {
        apply: (tag, _, pieces: Parameters<Database>) => run(async () => await tag(...pieces)),
      }),
      topicLog: archive.topicLog,
      config: loadConfig(env, "processor"),
      objectStore: {
        ...bucket.store,
        create: (object, signal) => run(() => create(object, signal)),
        readDigest: (key, signal) => run(() => readDigest(key, signal)),
        readMetadata: (key, signal) => run(() => readMetadata(key, signal)),
        list: (range, signal) => run(() => list(range, signal)),
        read: (key, signal) => run(() => read(key, signal)),
      },
    });
  }

  get isFrozen(): boolean {
    return this.#frozen !== null;
  }

  /** Writes until it ends or freezes; null: it is frozen. */
  async write(batch: Batch, trap: Trap | null): Promise<Outcome | null> {
    this.#trap = trap;
    this.#calls = 0;
    const frozen = Promise.withResolvers<PromiseWithResolvers<void>>();
    this.#onFrozen = frozen.resolve;
    const outcome = this.sink.write(batch, new AbortController().signal).then(
      (written): Outcome => ({ written }),
      (error: unknown): Outcome => ({ error }),
    );
    const first = await Promise.race([outcome, frozen.promise]);
    this.#trap = null;
    if (!("promise" in first)) return first;
    this.#frozen = { thaw: first, outcome };
    return null;
  }

  /** Goes on where it was frozen. */
  async thaw(): Promise<Outcome | null> {
    const frozen = this.#frozen;
    this.#frozen = null;
    frozen?.thaw.resolve();
    return frozen === null ? null : await frozen.outcome;
  }

  async #pass<T>(call: () => Promise<T>): Promise<T> {
    const index = this.#calls++;
    await this.#stopAt(index, "before");
    const result = await call();
    await this.#stopAt(index, "behind");
    return result;
  }

  async #stopAt(call: number, side: Trap["side"]): Promise<void> {
    const trap = this.#trap;
    if (trap?.call !== call || trap.side !== side) return;
    this.#trap = null;
    if (trap.how === "kill") throw new PipelineError("archive_unavailable", "Cannot go on: killed");
    const thaw = Promise.withResolvers<void>();
    this.#onFrozen?.(thaw);
    await thaw.promise;
  }
}

/** Whether an object is what its digest says. */
export function isWhole({ sha256 }: NewObject, lines: Uint8Array): boolean {
  return digestOf(lines) === sha256;
}
