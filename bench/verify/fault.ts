/** What a fault is, and what it works with: the contract of every file in `faults/`. */
import type { MachineClock } from "../driver/machine_clock.ts";
import type { System, SystemOptions } from "../system/system.ts";
import type { Load } from "./sending/load.ts";
import type { SendOptions } from "./sending/send.ts";
import type { Watch } from "./watch.ts";

/** A fault that the system must survive. */
export interface Fault {
  /** Its name on the command line. */
  readonly name: string;
  /** What happens, in a few words. */
  readonly title: string;
  /** Whether it is part of the short selection that the tests run. */
  readonly isShort: boolean;
  /** The system that it needs; one of each service when absent. */
  readonly system?: Pick<
    SystemOptions,
    "ingests" | "processors" | "brokers" | "hasOwnGroups" | "hasKeys"
  >;
  /** Options of the services. */
  readonly options?: Readonly<Record<string, string>>;
  /** True: the services are made and the fault starts them. */
  readonly isColdStart?: boolean;
  /** Longest machine time from the end of the fault until nothing lags, ms; no limit by default. */
  readonly recoveryMsMax?: number;
  /** What this machine lacks for it, as a sentence, or null; absent when it needs nothing. */
  readonly lacks?: () => Promise<string | null>;
  /** Whether the clocks of the services can be set; `lacks` must have looked for the library. */
  readonly hasSettableClocks?: boolean;
  /** Drives the load and breaks things; it may leave things broken. */
  run(trial: Trial): Promise<void>;
}

/** A record that was deleted from the log before it was read. */
export interface LostRecord {
  readonly partition: number;
  readonly offset: number;
  /** The number of its event. */
  readonly number: number;
}

/** What a fault works with. */
export interface Trial {
  readonly system: System;
  readonly watch: Watch;
  /** By this clock times are measured and waits are bounded: a busy machine decides no verdict. */
  readonly clock: MachineClock;
  /** What the programs of the fault inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** 0 to less than 1; the same numbers for the same seed. */
  readonly random: () => number;
  /** True: fewer rounds and shorter outages. */
  readonly isShort: boolean;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Starts a load; the load before must have ended. */
  load(options?: Partial<SendOptions>): Load;
  /** Adds a line to the timeline, and shows it. */
  note(text: string): void;
  /** Proves that the fault had an effect: `count` of `what`, at least `least`. */
  hadEffect(what: string, count: number, least?: number): void;
  /** Requires something besides the invariants. */
  demand(what: string, holds: boolean): void;
  /** Reports records that were put into the log without ingest. */
  injected(records: {
    readonly unstorable?: readonly { readonly partition: number; readonly offset: number }[];
    readonly repeats?: number;
    /** Offsets that no reader gets a record of. */
    readonly holes?: number;
    readonly lost?: readonly LostRecord[];
  }): void;
  /** Pauses for a random time, so that things break at random moments. */
  randomPause(msMin: number, msMax: number): Promise<void>;
  /** Reports that everything is repaired: the time to recover begins. */
  repaired(): void;
}

/** The shortest session that Kafka allows a group: a dead member is noticed early. */
export const SESSION_MS = 6000;
