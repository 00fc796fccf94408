/** Questions to another process that wait for their answers. */
import { withinTime } from "@tally/shared";

/** Matches answers to questions by number. */
export class Questions<T> {
  readonly #waiting = new Map<number, (answer: T) => void>();
  #lastId = 0;

  /** Sends a question. @returns The answer, or null when it takes longer than `msMax`. */
  async ask(send: (id: number) => void, msMax: number): Promise<T | null> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<T>();
    this.#waiting.set(id, resolve);
    send(id);
    const answer = await withinTime(promise, msMax);
    this.#waiting.delete(id);
    return answer;
  }

  /** Takes an answer; one that comes too late is ignored. */
  answer(id: number, answer: T): void {
    this.#waiting.get(id)?.(answer);
  }
}
