/**
 * What one process of ingest knows of itself, what several know together, and the messages
 * between them and their supervisor. Pure.
 */
import type { ErrorCode, MetricsSnapshot } from "@tally/shared";
import type { Reason } from "../cluster/reason.ts";
import type { Grant } from "../quotas/key_quota.ts";
import type { LeaseRequest } from "../quotas/leased_quotas.ts";

/** What health depends on. */
export interface Health {
  /** Whether Kafka stores events. */
  readonly isReady: boolean;
  /** Why Kafka stores none, or not all; null when all is well. */
  readonly reason: Reason | null;
  readonly isStopping: boolean;
  /** Null with keys off. */
  readonly keys: KeysHealth | null;
}

/** What is known of the keys. */
export interface KeysHealth {
  /** Whether keys are known and not too old. */
  readonly isReady: boolean;
  /** What is wrong, also while known keys are used; null when nothing is. */
  readonly reason: string | null;
  /** Whether an operator has to change something. */
  readonly isForOperator: boolean;
}

/** One process. */
export interface ProcessState {
  readonly health: Health;
  readonly metrics: MetricsSnapshot;
}

/** All processes of the service. */
export interface GroupState {
  readonly health: Health;
  /** The sums, in the text format of Prometheus. */
  readonly metrics: string;
}

/** From a worker to its supervisor. */
export type FromWorker =
  | { readonly kind: "listening"; readonly url: string }
  | { readonly kind: "failed"; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: "ask"; readonly id: number }
  | { readonly kind: "lease"; readonly id: number; readonly request: LeaseRequest }
  | { readonly kind: "state"; readonly id: number; readonly state: ProcessState };

/** From the supervisor to a worker, which is stopped by SIGTERM. */
export type ToWorker =
  | { readonly kind: "tell"; readonly id: number }
  | { readonly kind: "answer"; readonly id: number; readonly group: GroupState }
  | { readonly kind: "leased"; readonly id: number; readonly grant: Grant };

/** The service is ready when one of its processes is. Without any answer it is not. */
export function mergeHealth(processes: readonly Health[]): Health {
  const serving = processes.filter(({ isStopping }) => !isStopping);
  const judged = serving.length > 0 ? serving : processes;
  return {
    isReady: judged.some(({ isReady }) => isReady),
    reason: judged.find(({ reason }) => reason !== null)?.reason ?? null,
    isStopping: serving.length === 0 && processes.length > 0,
    keys: mergeKeys(judged.flatMap(({ keys }) => (keys === null ? [] : [keys]))),
  };
}

function mergeKeys(processes: readonly KeysHealth[]): KeysHealth | null {
  const worst = processes.find(({ reason }) => reason !== null) ?? processes[0];
  if (worst === undefined) return null;
  return { ...worst, isReady: processes.some(({ isReady }) => isReady) };
}
