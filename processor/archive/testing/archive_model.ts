/**
 * Owners of one archive partition that can be killed or frozen before or after
 * every call to the database and to the store, and the bucket they share. Test
 * support.
 */
import { PipelineError, loadConfig } from "@tally/shared";
import type { Database } from "@tally/shared/database";
import { digestOf } from "../lines.ts";
import { archiveSink, type ArchiveSink } from "../archive_sink.ts";
import type { TestArchive } from "./archive.ts";
import type { NewObject } from "../create_object.ts";
import type { ObjectStore } from "../object_store.ts";
import type { Batch, Written } from "../../pipeline/sink.ts";

/** Where an owner's write is stopped: at which of its calls, on which side, and how. */
export interface Trap {
  /** Counted from the write's first call. */
  readonly call: number;
  /** After a call: it was done, and its answer is lost. */
  readonly side: "before" | "after";
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
        // A copy: the caller may change its bytes afterwards.
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

/** The outcome of a write. */
export type Outcome =
  | { readonly kind: "written"; readonly written: Written }
  | { readonly kind: "failed"; readonly error: unknown };

interface Frozen {
  readonly kind: "frozen";
  readonly thaw: PromiseWithResolvers<void>;
}

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
      // Every statement of a write is one call of the tag; a part of one is in parentheses.
      sql: new Proxy(archive.sql, {
        apply: (tag, _, pieces: Parameters<Database>) =>
          String(pieces[0]).startsWith("(")
            ? tag(...pieces)
            : run(async () => await tag(...pieces)),
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

  /** Writes until it ends or freezes; null when it is frozen. */
  async write(batch: Batch, trap: Trap | null): Promise<Outcome | null> {
    this.#trap = trap;
    this.#calls = 0;
    const frozen = Promise.withResolvers<Frozen>();
    this.#onFrozen = (thaw) => frozen.resolve({ kind: "frozen", thaw });
    const outcome = this.sink.write(batch, new AbortController().signal).then(
      (written): Outcome => ({ kind: "written", written }),
      (error: unknown): Outcome => ({ kind: "failed", error }),
    );
    const first = await Promise.race([outcome, frozen.promise]);
    this.#trap = null;
    if (first.kind !== "frozen") return first;
    this.#frozen = { thaw: first.thaw, outcome };
    return null;
  }

  /** Continues where it was frozen. */
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
    await this.#stopAt(index, "after");
    return result;
  }

  async #stopAt(call: number, side: Trap["side"]): Promise<void> {
    const trap = this.#trap;
    if (trap?.call !== call || trap.side !== side) return;
    this.#trap = null;
    if (trap.how === "kill")
      throw new PipelineError("archive_unavailable", "Cannot continue: killed");
    const thaw = Promise.withResolvers<void>();
    this.#onFrozen?.(thaw);
    await thaw.promise;
  }
}

/** Whether an object's lines have its digest. */
export function isWhole({ sha256 }: NewObject, lines: Uint8Array): boolean {
  return digestOf(lines) === sha256;
}
