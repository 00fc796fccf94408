/** Request bodies: one event, and 1,000 events in each format. */
import { FIXED_EVENT_LIMITS } from "@tally/shared";
import { EVENTS_FORM } from "@tally/ingest/events_form";
import { bench, do_not_optimize, group } from "mitata";

import { eventTexts, INPUTS, inTurn, RECEIVED_AT_MS } from "./bench_events.ts";

const context = {
  limits: FIXED_EVENT_LIMITS,
  batchEventsMax: 5000,
  receivedAtMs: RECEIVED_AT_MS,
  source: null,
  eventTypes: null,
};

/** What a request of `POST /events` costs besides HTTP and Kafka. */
function accept(body: Buffer, type: "json" | "ndjson"): unknown {
  const options = { encoding: "identity", isMinimal: false, idempotencyKey: null } as const;
  const parsed = EVENTS_FORM.parse(body, { kind: "head", type, ...options });
  return parsed.kind === "refused" ? parsed : parsed.judge(context);
}

/** Bodies of 1,000 events, each starting with a different event. */
const batches = Array.from({ length: 16 }, (_, body) =>
  Array.from({ length: 1000 }, (_event, index) => eventTexts[(body * 61 + index) % INPUTS]),
);

group("one request", () => {
  const nextSingle = inTurn(eventTexts.map((text) => Buffer.from(text)));
  bench("accept() one event", () => do_not_optimize(accept(nextSingle(), "json")));

  const nextArray = inTurn(batches.map((texts) => Buffer.from(`[${texts.join(",")}]`)));
  bench("accept() 1,000 events, array", () => do_not_optimize(accept(nextArray(), "json")));

  const nextLines = inTurn(batches.map((texts) => Buffer.from(texts.join("\n"))));
  bench("accept() 1,000 events, lines", () => do_not_optimize(accept(nextLines(), "ndjson")));
});
