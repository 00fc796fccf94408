/** One event: judged, encoded, read back from a record. */
import {
  decodeRecord,
  encodeEvent,
  parseEvent,
  type AcceptedEvent,
  type SourceRecord,
} from "@tally/shared";
import { bench, do_not_optimize, group } from "mitata";

import {
  acceptedEvents,
  demoEventTexts,
  eventTexts,
  inTurn,
  parseContext,
  RECEIVED_AT_MS,
} from "./bench_events.ts";

group("one event", () => {
  const nextText = inTurn(eventTexts);
  bench("JSON.parse() alone, to compare with", () => do_not_optimize(JSON.parse(nextText())));

  const nextJudged = inTurn(eventTexts);
  bench("JSON.parse() and parseEvent()", () =>
    do_not_optimize(parseEvent(JSON.parse(nextJudged()), parseContext, false)),
  );

  const nextDemo = inTurn(demoEventTexts);
  bench("JSON.parse() and parseEvent(), payload as a string", () =>
    do_not_optimize(parseEvent(JSON.parse(nextDemo()), parseContext, false)),
  );

  const nextAccepted = inTurn(acceptedEvents);
  bench("encodeEvent() to bytes", () => do_not_optimize(Buffer.from(encodeEvent(nextAccepted()))));

  const recordOf = (event: AcceptedEvent, number: number): SourceRecord => ({
    partition: number % 6,
    offset: BigInt(number),
    timestampMs: RECEIVED_AT_MS,
    value: Buffer.from(encodeEvent(event)),
  });
  const nextRecord = inTurn(acceptedEvents.map(recordOf));
  bench("decodeRecord()", () => do_not_optimize(decodeRecord(nextRecord(), "bench-topic-id")));

  const named = acceptedEvents.map((event) => ({ ...event, source: "web-page" }));
  const nextNamed = inTurn(named.map(recordOf));
  bench("decodeRecord() with a context", () =>
    do_not_optimize(decodeRecord(nextNamed(), "bench-topic-id")),
  );
});
