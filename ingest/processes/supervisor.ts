/**
 * The supervisor: starts the workers that share the port, replaces one that ends, adds up their
 * metrics, keeps the quotas that they share, and stops all of them so that no request is lost
 * (promise P11). It takes no requests, so whatever crashes a worker leaves it alone.
 */
import {
  createMetrics,
  lastingMetrics,
  PipelineError,
  sleep,
  sumMetrics,
  type Log,
  type MetricsSnapshot,
  type MonotonicClock,
  type RunningService,
} from "@tally/shared";
import { LeaseBook } from "../quotas/leased_quotas.ts";
import { CrashBudget, ENDS_MAX } from "./crash_budget.ts";
import { Rounds } from "./rounds.ts";
import { mergeHealth, type GroupState } from "./state.ts";
import { WorkerProcess } from "./worker_process.ts";

/** What a supervisor starts and how it reports. */
export interface SuperviseOptions {
  /** Number of workers; 2 or more. */
  readonly processes: number;
  /** Command line of the worker with this number, from 1. */
  readonly command: (worker: number) => readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long a worker may take to stop before it is killed. */
  readonly stopMsMax: number;
  readonly log: Log;
  readonly now: MonotonicClock;
  /** The workers end again and again; all are stopped by then. */
  readonly onLoop: (error: PipelineError) => void;
  /** How often each worker is asked whether it still answers; only tests set it. */
  readonly watchIntervalMs?: number;
}

/** A worker that does not answer within this counts with what it said before, and as not ready. */
const TELL_MS_MAX = 500; // chosen

const WATCH_INTERVAL_MS = 5000; // chosen
/**
 * A worker that has left this many questions of the watch unanswered is killed and replaced: its
 * connections hang, and health, which others answer, does not show it.
 */
const SILENCES_MAX = 4; // chosen

/** The place of one worker, and of those that replace it. */
interface Slot {
  readonly number: number;
  /** Null from its end until the next one starts. */
  worker: WorkerProcess | null;
  startedMs: number;
  /** Questions of the watch in a row that it has not answered. */
  silences: number;
}

/** A service of several processes. */
export interface Supervisor {
  /**
   * Starts all workers.
   *
   * @returns Their URL, when all of them listen.
   * @throws {PipelineError} The error of the first one that could not start; none is left running.
   */
  start(): Promise<string>;
  /** Their common health and the sums of their metrics. */
  read(): Promise<GroupState>;
  /** Stops all. Safe to call twice. @throws {Error} When one had to be killed. */
  stop(): Promise<void>;
}

/** Makes the supervisor; nothing runs before its start. */
export function createSupervisor(options: SuperviseOptions): Supervisor {
  return new WorkerSupervisor(options);
}

/**
 * Starts several processes as one service.
 *
 * @throws {PipelineError} As `Supervisor.start()`.
 */
export async function supervise(options: SuperviseOptions): Promise<RunningService> {
  const supervisor = createSupervisor(options);
  const url = await supervisor.start();
  return { url, stop: () => supervisor.stop() };
}

class WorkerSupervisor implements Supervisor {
  readonly #options: SuperviseOptions;
  readonly #slots: Slot[] = [];
  readonly #budget = new CrashBudget();
  readonly #stopping = new AbortController();
  readonly #rounds = new Rounds(() => this.#askAll());
  /** Those of this process: its memory counts, too. */
  readonly #metrics = createMetrics("ingest");
  /** The quotas of all workers. */
  readonly #leases = new LeaseBook();
  /** What workers that have ended leave in the sums. */
  #ended: MetricsSnapshot[] = [];
  #stopped: Promise<void> | null = null;

  constructor(options: SuperviseOptions) {
    this.#options = options;
  }

  async start(): Promise<string> {
    const { processes, now, log } = this.#options;
    const workers = Array.from({ length: processes }, (_, at) => this.#launch(at + 1));
    for (const [at, worker] of workers.entries()) {
      this.#slots.push({ number: at + 1, worker, startedMs: now(), silences: 0 });
    }
    try {
      const [url = ""] = await Promise.all(workers.map(({ listening }) => listening));
      for (const slot of this.#slots) void this.#keep(slot);
      void this.#watch();
      log.info({ url, processes }, "Ingest started.");
      return url;
    } catch (error) {
      await this.#stopAll();
      throw error;
    }
  }

  read(): Promise<GroupState> {
    return this.#rounds.join();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stopAll().then((areAllGentle) => {
      if (!areAllGentle) {
        throw new Error("Cannot stop in time: a process of ingest had to be killed");
      }
      this.#options.log.info({}, "Ingest stopped.");
    }));
  }

  /** @returns Whether every worker stopped by itself. */
  async #stopAll(): Promise<boolean> {
    this.#stopping.abort();
    const { stopMsMax } = this.#options;
    const gentle = await Promise.all(this.#slots.map(({ worker }) => worker?.stop(stopMsMax)));
    return !gentle.includes(false);
  }

  #launch(number: number): WorkerProcess {
    const { command, env, now } = this.#options;
    return new WorkerProcess({
      command: command(number),
      env,
      onAsk: (answer) => void this.read().then(answer),
      onLease: (request) => this.#leases.grant(request, now()),
    });
  }

  /** Replaces the worker of a slot each time it ends, until the stop. */
  async #keep(slot: Slot): Promise<void> {
    const { signal } = this.#stopping;
    for (let worker = slot.worker; worker !== null; worker = slot.worker) {
      const how = await worker.ended;
      if (signal.aborted) return;
      const pauseMs = this.#noteEnd(slot, worker, how);
      if (pauseMs === null) return this.#giveUp(how);
      await sleep(pauseMs, signal);
      if (signal.aborted) return;
      this.#restart(slot);
    }
  }

  /** @returns The pause before the next start, or null when there must be none. */
  #noteEnd(slot: Slot, { pid, lastState }: WorkerProcess, how: string): number | null {
    const { log, now } = this.#options;
    this.#metrics.ingest_processes_ended_total.inc();
    slot.worker = null;
    if (lastState !== null) this.#ended.push(lastingMetrics(lastState.metrics));
    const worker = slot.number;
    const pauseMs = this.#budget.note(worker, now() - slot.startedMs, now());
    log.warn({ worker, pid, how, pauseMs }, "A process of ingest ended.");
    return pauseMs;
  }

  #restart(slot: Slot): void {
    const { log, now } = this.#options;
    const worker = this.#launch(slot.number);
    slot.startedMs = now();
    slot.silences = 0;
    slot.worker = worker;
    const entry = { worker: slot.number, pid: worker.pid };
    void worker.listening.then(
      () => log.info(entry, "A process of ingest replaced the one that ended."),
      // Its end comes with the reason.
      () => undefined,
    );
  }

  /** Looks for workers that run and do not answer, until the stop. */
  async #watch(): Promise<void> {
    const { log, watchIntervalMs = WATCH_INTERVAL_MS } = this.#options;
    const { signal } = this.#stopping;
    const look = async (slot: Slot): Promise<void> => {
      const { worker, number } = slot;
      if (worker === null || !worker.isListening) return;
      slot.silences = (await worker.ask(TELL_MS_MAX)) === null ? slot.silences + 1 : 0;
      if (slot.silences < SILENCES_MAX || signal.aborted) return;
      log.warn({ worker: number, pid: worker.pid }, "A process of ingest stopped answering.");
      worker.kill();
    };
    while (!signal.aborted) {
      await sleep(watchIntervalMs, signal);
      await Promise.all(this.#slots.map(look));
    }
  }

  async #giveUp(how: string): Promise<void> {
    await this.#stopAll();
    const message = `Cannot keep ingest running: more than ${ENDS_MAX} of its processes ended within a minute, the last one with ${how}`;
    this.#options.onLoop(new PipelineError("internal", message));
  }

  /** One round: the state of every worker, and of those that have ended. */
  async #askAll(): Promise<GroupState> {
    const states = await Promise.all(
      this.#slots.map(({ worker }) => worker?.ask(TELL_MS_MAX) ?? null),
    );
    const health = mergeHealth(states.flatMap((state) => (state === null ? [] : [state.health])));
    const own = await this.#metrics.snapshot();
    // Read without a wait between them: a worker that ends moves its counts from one to the other.
    const ended = [...this.#ended];
    const living = this.#slots.flatMap(({ worker }) => worker?.lastState ?? []);
    const { text } = await sumMetrics([...ended, own, ...living.map(({ metrics }) => metrics)]);
    if (ended.length > 1) {
      const { snapshot } = await sumMetrics(ended);
      this.#ended.splice(0, ended.length, snapshot);
    }
    return { health, metrics: text };
  }
}
