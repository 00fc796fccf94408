/**
 * Loads the Confluent client on Bun: the only import of it in the project.
 * The client's JavaScript stays as published and nothing is written into
 * node_modules: its search for the native addon is answered from the cache.
 */
import type {
  AdminClient,
  Assignment,
  KafkaConsumer,
  Producer,
  TopicPartition,
} from "@confluentinc/kafka-javascript";
import { createRequire } from "node:module";
import { ensureNativeFiles, type NativeFiles } from "./native/build.ts";
import { unavailable } from "./native/toolchain.ts";
import type { NativeHandle, Packed } from "./packed.ts";

/** The part of the client that this folder uses. */
export interface ClientLibrary {
  readonly Producer: new (global: ClientConfig, topic: ClientConfig) => NativeProducer;
  readonly KafkaConsumer: new (global: ClientConfig, topic: ClientConfig) => NativeConsumer;
  readonly AdminClient: { create: typeof AdminClient.create };
  /** What librdkafka was built with on this machine, e.g. "ssl", "lz4". */
  readonly features: readonly string[];
  /** What consumers and producers get in a packed form. */
  readonly packed: Packed;
}

/** With the addon's object, which the client's types leave out. */
export type NativeProducer = Producer & { readonly _client: NativeHandle };

/** With the methods that the client's types leave out. */
export type NativeConsumer = KafkaConsumer & {
  /** The addon's object. */
  readonly _client: NativeHandle;
  incrementalAssign(partitions: Assignment[]): void;
  incrementalUnassign(partitions: TopicPartition[]): void;
  assignmentLost(): boolean;
};

/** Options of librdkafka, by the names of its documentation. */
export type ClientConfig = Record<string, string | number | boolean | ((...args: never[]) => void)>;

let loading: Promise<ClientLibrary> | null = null;

/**
 * Loads the client; built first when this user's cache lacks it (about a minute,
 * once). ensureNativeFiles() does that part ahead of time, with progress to show.
 *
 * @throws {PipelineError} `client_unavailable`, naming what is missing; a later call tries again.
 */
export function loadClient(): Promise<ClientLibrary> {
  loading ??= ensureNativeFiles()
    .then(loadFiles)
    .catch((error: unknown) => {
      loading = null;
      throw error;
    });
  return loading;
}

/**
 * Loads built files into this process.
 *
 * @throws {PipelineError} `client_unavailable` when the files don't fit this machine or this Bun.
 */
export function loadFiles(files: NativeFiles): ClientLibrary {
  const addon: { exports: unknown } = { exports: {} };
  const library: { exports: unknown } = { exports: {} };
  try {
    // The library first: what it does on loading gives the addon an environment in this thread.
    process.dlopen(library, files.library);
    process.dlopen(addon, files.addon);
  } catch (cause) {
    throw unavailable(`"${files.addon}" can't be loaded, remove its folder to build it again`, {
      cause,
    });
  }
  const here = createRequire(import.meta.url);
  const client = "@confluentinc/kafka-javascript";
  // The client asks `bindings` for its addon; for this one call we answer.
  const { cache, resolve } = createRequire(here.resolve(client));
  const bindings = resolve("bindings");
  const before = cache[bindings];
  cache[bindings] = { exports: () => addon.exports } as NodeJS.Module;
  try {
    const { takeMessages, takeReports } = library.exports as Packed;
    const { produceMany, announceReports, paceFetches, limitBatches } = addon.exports as Packed;
    const produced = { takeReports, produceMany, announceReports, limitBatches };
    const packed = { takeMessages, paceFetches, ...produced };
    return { ...(here(client) as Omit<ClientLibrary, "packed">), packed };
  } finally {
    if (before === undefined) delete cache[bindings];
    else cache[bindings] = before;
  }
}
