/** Request bodies: one event, and 1,000 events in each format. */
import { FIXED_EVENT_LIMITS } from "@tally/shared";
import { accept } from "@tally/ingest/accept";
import { bench, do_not_optimize, group } from "mitata";

import { eventTexts, INPUTS, inTurn, RECEIVED_AT_MS } from "./bench_events.ts";

const context = {
  limits: FIXED_EVENT_LIMITS,
  batchEventsMax: 5000,
  receivedAtMs: RECEIVED_AT_MS,
  newEventId: () => Bun.randomUUIDv7(),
};

/** Bodies of 1,000 events, each starting with a different event. */
const batches = Array.from({ length: 16 }, (_, body) =>
  Array.from({ length: 1000 }, (_event, index) => eventTexts[(body * 61 + index) % INPUTS]),
);

group("one request", () => {
  const nextSingle = inTurn(eventTexts.map((text) => Buffer.from(text)));
  bench("accept() one event", () => do_not_optimize(accept(nextSingle(), "json", context)));

  const nextArray = inTurn(batches.map((texts) => Buffer.from(`[${texts.join(",")}]`)));
  bench("accept() 1,000 events, array", () =>
    do_not_optimize(accept(nextArray(), "json", context)),
  );

  const nextLines = inTurn(batches.map((texts) => Buffer.from(texts.join("\n"))));
  bench("accept() 1,000 events, lines", () =>
    do_not_optimize(accept(nextLines(), "ndjson", context)),
  );
});
