/**
 * The way of a request for events: receive → accept → publish → answer. A 202
 * is made only behind the broker's acknowledgement of every accepted event
 * (promise P1); every failure gets its code here, once.
 */
import { errorCode, type Config, type EventLimits, type Log, type Metrics } from "@tally/shared";
import type { Delivery } from "@tally/shared/kafka";
import { accept, isRequestFault, type RequestFault, type Verdicts } from "./accept.ts";
import { acceptedBody, refusalResponse, type Accepted, type Refusal } from "./answer.ts";
import type { Broker } from "./broker.ts";
import { Budget } from "./budget.ts";
import { Deadline } from "./deadline.ts";
import { decompress } from "./decompress.ts";
import { createEventIds, newRequestId } from "./id.ts";
import { isPublishFault, publish, type PublishFault, type RecordProducer } from "./publish.ts";
import { readBody } from "./read_body.ts";
import { readHead, type RequestHead } from "./request_head.ts";

/** What the flow is built from. */
export interface FlowParts {
  readonly config: Config<"ingest">;
  readonly producer: RecordProducer;
  readonly broker: Broker;
  readonly metrics: Metrics<"ingest">;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Takes requests; what they share is bounded by the options. */
export class Flow {
  readonly #parts: FlowParts;
  readonly #limits: EventLimits;
  readonly #requests: Budget;
  readonly #bodyBytes: Budget;

  constructor(parts: FlowParts) {
    const { ingest } = parts.config;
    this.#parts = parts;
    this.#limits = {
      eventBytesMax: ingest.eventBytesMax,
      nestingMax: ingest.nestingMax,
      valuesMax: ingest.valuesMax,
      pastMsMax: ingest.pastDaysMax * 86_400_000,
      futureMsMax: ingest.futureMinutesMax * 60_000,
    };
    this.#requests = new Budget(ingest.requestsMax);
    this.#bodyBytes = new Budget(ingest.requestBytesMax);
  }

  /** Requests without an answer yet. */
  get requestsInFlight(): number {
    return this.#requests.used;
  }

  /** Answers one request; never rejects. */
  async receive(request: Request): Promise<Response> {
    const startedMs = performance.now();
    const requestId = newRequestId();
    const refusal = this.#refuse();
    if (refusal !== null) return this.#answer(refusal, requestId, startedMs);
    const deadline = new Deadline(this.#parts.config.ingest.requestDeadlineMs);
    try {
      return this.#answer(await this.#take(request, deadline), requestId, startedMs);
    } catch (error) {
      this.#parts.log.error({ error, requestId }, "Request ended in an error of ours.");
      return this.#answer({ code: errorCode(error) }, requestId, startedMs);
    } finally {
      deadline.clear();
      this.#requests.release(1);
    }
  }

  /** Refuses at once what can't be stored now, before its body costs anything. */
  #refuse(): Refusal | null {
    const { broker, producer, config } = this.#parts;
    if (!broker.isReachable) return { code: "broker_unavailable" };
    const { queueRecordsMax, queueBytesMax } = config.ingest;
    const isFull =
      producer.queuedRecords >= queueRecordsMax || producer.queuedBytes >= queueBytesMax;
    return isFull || !this.#requests.reserve(1) ? { code: "overloaded" } : null;
  }

  async #take(request: Request, deadline: Deadline): Promise<Accepted | Refusal> {
    const head = readHead(request.headers);
    if ("code" in head) return head;
    const receivedAtMs = this.#parts.now();
    const body = await this.#readContent(request, head, deadline);
    if ("code" in body) return body;
    const verdicts = accept(body, head.type, {
      limits: this.#limits,
      batchEventsMax: this.#parts.config.ingest.batchEventsMax,
      receivedAtMs,
      newEventId: createEventIds(head.idempotencyKey),
    });
    if (isRequestFault(verdicts)) return verdicts;
    const { metrics } = this.#parts;
    for (const { code } of verdicts.rejections) metrics.ingest_events_rejected_total.inc({ code });
    if (verdicts.events.length === 0) return allRejected(verdicts);
    const deliveries = await this.#publish(verdicts, receivedAtMs, deadline);
    return isPublishFault(deliveries)
      ? deliveries
      : { verdicts, deliveries, isMinimal: head.isMinimal };
  }

  /** The body, read and decompressed; its bytes are reserved only as long as they come in. */
  async #readContent(
    request: Request,
    head: RequestHead,
    deadline: Deadline,
  ): Promise<Buffer | RequestFault> {
    const bytesMax = this.#parts.config.ingest.bodyBytesMax;
    const budget = this.#bodyBytes;
    const { body, reservedBytes } = await readBody(request, { bytesMax, deadline, budget });
    budget.release(reservedBytes);
    return "code" in body ? body : decompress(body, head.encoding, bytesMax);
  }

  async #publish(
    { events }: Verdicts,
    receivedAtMs: number,
    deadline: Deadline,
  ): Promise<readonly Delivery[] | PublishFault> {
    const { config, producer, metrics, broker } = this.#parts;
    const { queueRecordsMax, queueBytesMax } = config.ingest;
    const { topic } = config.kafka;
    const startedMs = performance.now();
    const options = { producer, topic, queueRecordsMax, queueBytesMax, receivedAtMs, deadline };
    const outcome = await publish(events, options);
    metrics.ingest_publish_seconds.observe((performance.now() - startedMs) / 1000);
    if (isPublishFault(outcome)) {
      if (outcome.isUnknown) metrics.ingest_events_unknown_total.inc(events.length);
      if (outcome.codes.has("broker_unavailable")) broker.noteUnavailable();
    } else {
      metrics.ingest_events_accepted_total.inc(events.length);
      broker.noteAcknowledged();
    }
    return outcome;
  }

  #answer(outcome: Accepted | Refusal, requestId: string, startedMs: number): Response {
    const { metrics } = this.#parts;
    const response =
      "code" in outcome
        ? refusalResponse(outcome, requestId)
        : new Response(acceptedBody(outcome), {
            status: 202,
            headers: { "content-type": "application/json", "x-request-id": requestId },
          });
    if (response.status === 503 && "code" in outcome) {
      const codes = outcome.codes ?? [outcome.code];
      for (const code of codes) metrics.ingest_unavailable_total.inc({ code });
    }
    metrics.ingest_requests_total.inc({ status: response.status });
    metrics.ingest_request_seconds.observe((performance.now() - startedMs) / 1000);
    return response;
  }
}

function allRejected({ isSingle, rejections }: Verdicts): Refusal {
  const [first] = rejections;
  if (isSingle && first !== undefined) return { code: first.code, pointer: first.pointer };
  return { code: "batch_rejected", rejected: rejections };
}
