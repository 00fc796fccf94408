/** A database that commits a statement and loses its answer, once. Test support. */
import type { Database } from "@tally/shared/database";

/**
 * @param part Text of the statements that count.
 * @param before How many of them succeed before the one whose answer is lost.
 */
export function losingAnswerOf(sql: Database, part: string, before = 0): Database {
  let left = before;
  const lose = (text: string, answer: unknown): unknown => {
    if (left < 0 || !text.includes(part)) return answer;
    return Promise.resolve(answer).then((rows) => {
      left -= 1;
      if (left >= 0) return rows;
      throw new Error("write CONNECTION_CLOSED");
    });
  };
  return new Proxy(sql, {
    apply: (target, self, parameters: [TemplateStringsArray, ...unknown[]]) => {
      const answer: unknown = Reflect.apply(target, self, parameters);
      return lose(Array.isArray(parameters[0]) ? parameters[0].join(" ") : "", answer);
    },
    get: (target, name) => {
      if (name !== "unsafe") return Reflect.get(target, name) as unknown;
      return (...parameters: Parameters<Database["unsafe"]>) =>
        lose(parameters[0], target.unsafe(...parameters));
    },
  });
}
