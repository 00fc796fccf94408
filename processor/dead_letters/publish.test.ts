/** Publishing that is given up. */
import { describe, expect, test } from "bun:test";
import { publishLetters, type LetterProducer } from "./publish.ts";

const RECORD = { key: null, value: Buffer.from("x"), timestampMs: 0 };

describe("publishLetters()", () => {
  test.each(["before", "meanwhile"])(
    "publishLetters() gives up records without a report when aborted %s",
    async (when) => {
      const stopping = new AbortController();
      const silent: LetterProducer = { produceBatch: () => undefined };
      if (when === "before") stopping.abort();

      const publishing = publishLetters([RECORD], {
        producer: silent,
        topic: "events.DLQ",
        signal: stopping.signal,
      });
      stopping.abort();

      expect(await publishing).toMatchObject([
        { kind: "delayed", error: { code: "broker_unavailable" } },
      ]);
    },
  );
});
