/**
 * A worker: one of several processes of ingest, as it talks with its supervisor. It answers for
 * the whole service on the routes for health and metrics, and stops when its supervisor
 * is gone.
 */
import { errorCode, type RunningService } from "@tally/shared";
import type { Grant } from "../quotas/key_quota.ts";
import type { AskForLease } from "../quotas/leased_quotas.ts";
import { Questions } from "./questions.ts";
import type { FromWorker, GroupState, ProcessState, ToWorker } from "./state.ts";

/** The connection to the supervisor. */
export interface Channel {
  send(message: FromWorker): void;
  onMessage(handler: (message: ToWorker) => void): void;
  /** The supervisor has ended. */
  onGone(handler: () => void): void;
}

/** The service as one of its processes sees it. */
export interface Group {
  /** How many processes there are. */
  readonly processes: number;
  /** Whether the supervisor is gone: its successor may wait for the port. */
  readonly isOrphaned: boolean;
  /** Sets how this process finds its own state when the supervisor asks for it. */
  tellWith(read: () => Promise<ProcessState>): void;
  /** The state of all processes, or null when the supervisor does not answer in time. */
  ask(): Promise<GroupState | null>;
  /** Asks for a part of the quota of a key that all processes share. */
  readonly lease: AskForLease;
}

/** Longest wait for the supervisor: two rounds of its questions to the others, and a reserve. */
const ANSWER_MS_MAX = 1500; // derived: 2 x TELL_MS_MAX (supervisor.ts) + 500

/** A supervisor answers within a millisecond; requests wait for this. */
const LEASE_MS_MAX = 500; // chosen

/** Answers the supervisor's questions, and asks it for the state of all. */
export function joinGroup(channel: Channel, processes: number): Group {
  const questions = new Questions<GroupState>();
  const leases = new Questions<Grant>();
  let read: (() => Promise<ProcessState>) | null = null;
  channel.onMessage((message) => {
    if (message.kind === "answer") questions.answer(message.id, message.group);
    if (message.kind === "leased") leases.answer(message.id, message.grant);
    if (message.kind !== "tell" || read === null) return;
    const { id } = message;
    void read().then((state) => channel.send({ kind: "state", id, state }));
  });
  let isOrphaned = false;
  channel.onGone(() => (isOrphaned = true));
  return {
    processes,
    get isOrphaned() {
      return isOrphaned;
    },
    tellWith(newRead) {
      read = newRead;
    },
    ask: () => questions.ask((id) => channel.send({ kind: "ask", id }), ANSWER_MS_MAX),
    lease: (request) =>
      leases.ask((id) => channel.send({ kind: "lease", id, request }), LEASE_MS_MAX),
  };
}

/** What a worker's life depends on. */
export interface WorkerOptions {
  readonly channel: Channel;
  /** How many processes there are. */
  readonly processes: number;
  readonly start: (group: Group) => Promise<RunningService>;
  /** Ends the process. */
  readonly exit: (code: number) => void;
}

/**
 * Starts as a worker.
 *
 * @returns Stops gently and ends the process; safe to call twice.
 */
export function runWorker({ channel, processes, start, exit }: WorkerOptions): () => void {
  let service: RunningService | null = null;
  let isStopping = false;
  const end = (): void => {
    if (isStopping) return;
    isStopping = true;
    // Before it listens there is nothing to finish.
    if (service === null) exit(0);
    else
      void service.stop().then(
        () => exit(0),
        () => exit(1),
      );
  };
  const group = joinGroup(channel, processes);
  // A supervisor that ends during a stop was ended at once, and so are its workers.
  channel.onGone(() => (isStopping ? exit(1) : end()));
  void start(group).then(
    (started) => {
      service = started;
      channel.send({ kind: "listening", url: started.url });
    },
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      channel.send({ kind: "failed", code: errorCode(error), message });
      exit(1);
    },
  );
  return end;
}
