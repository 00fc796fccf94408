/** One worker as its supervisor sees it: a child process with a channel for messages. */
import { PipelineError, settledWithin } from "@tally/shared";
import type { Grant } from "../quotas/key_quota.ts";
import type { LeaseRequest } from "../quotas/leased_quotas.ts";
import { Questions } from "./questions.ts";
import type { FromWorker, GroupState, ProcessState, ToWorker } from "./state.ts";

/** What starts a worker, and what it is used for. */
export interface WorkerLaunch {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The worker asks for the state of all. */
  readonly onAsk: (answer: (group: GroupState) => void) => void;
  /** The worker asks for a part of a quota. */
  readonly onLease: (request: LeaseRequest) => Grant;
}

/** Its last messages may come after the notice of its end, within this time. */
const LAST_WORDS_MS_MAX = 500; // chosen

/** A worker that runs, or has run; its output is that of this process. */
export class WorkerProcess {
  /** Its URL. @throws {PipelineError} Its own error, or `internal` when it ended without one. */
  readonly listening: Promise<string>;
  /** How it ended, in words. */
  readonly ended: Promise<string>;
  readonly #child: Bun.Subprocess;
  readonly #onAsk: WorkerLaunch["onAsk"];
  readonly #onLease: WorkerLaunch["onLease"];
  readonly #listening = Promise.withResolvers<string>();
  readonly #disconnected = Promise.withResolvers<void>();
  readonly #questions = new Questions<ProcessState>();
  #lastState: ProcessState | null = null;
  #isListening = false;
  #isConnected = true;
  #problem: string | null = null;

  constructor({ command, env, onAsk, onLease }: WorkerLaunch) {
    this.#onAsk = onAsk;
    this.#onLease = onLease;
    this.#child = Bun.spawn({
      cmd: [...command],
      env: { ...env },
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      serialization: "json",
      ipc: (message: FromWorker) => this.#take(message),
      onDisconnect: () => {
        this.#isConnected = false;
        this.#disconnected.resolve();
      },
    });
    this.listening = this.#listening.promise;
    // The caller may look at it only later.
    this.listening.catch(() => undefined);
    this.ended = this.#watchEnd();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** The latest state that it has sent; null before the first one. */
  get lastState(): ProcessState | null {
    return this.#lastState;
  }

  /** Asks for its state; null when it does not answer in time. */
  async ask(msMax: number): Promise<ProcessState | null> {
    if (this.#hasEnded) return null;
    return this.#questions.ask((id) => this.#send({ kind: "tell", id }), msMax);
  }

  /** Asks it to stop, and kills it after `msMax`. @returns Whether it stopped by itself. */
  async stop(msMax: number): Promise<boolean> {
    this.#child.kill("SIGTERM");
    if (await settledWithin(this.ended, msMax)) return true;
    this.kill();
    await this.ended;
    return false;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #send(message: ToWorker): void {
    if (!this.#isConnected || this.#hasEnded) return;
    try {
      this.#child.send(message);
    } catch {
      // It has just ended: its channel closes before the notice of its end comes.
    }
  }

  #take(message: FromWorker): void {
    if (message.kind === "listening") {
      this.#isListening = true;
      this.#listening.resolve(message.url);
    } else if (message.kind === "ask") {
      this.#onAsk((group) => this.#send({ kind: "answer", id: message.id, group }));
    } else if (message.kind === "lease") {
      const { id, request } = message;
      this.#send({ kind: "leased", id, grant: this.#onLease(request) });
    } else if (message.kind === "state") {
      this.#lastState = message.state;
      this.#questions.answer(message.id, message.state);
    } else {
      this.#problem = message.message;
      this.#listening.reject(new PipelineError(message.code, message.message));
    }
  }

  async #watchEnd(): Promise<string> {
    await this.#child.exited;
    await settledWithin(this.#disconnected.promise, LAST_WORDS_MS_MAX);
    const how = String(this.#child.signalCode ?? `exit code ${this.#child.exitCode}`);
    const message = `Cannot start a process of ingest: it ended with ${how} before it listened`;
    this.#listening.reject(new PipelineError("internal", message));
    return this.#problem === null ? how : `${how}: ${this.#problem}`;
  }
}
