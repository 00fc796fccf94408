/**
 * The flow of a request for events: read → decompress → accept → publish → answer.
 * A 202 is made only after the broker has acknowledged every accepted event
 * (promise P1). Every refusal is counted and answered here, once.
 */
import {
  errorCode,
  monotonicNow,
  type Config,
  type EventLimits,
  type Log,
  type Metrics,
  type WallClock,
} from "@tally/shared";
import { accept, countReplaced, type Verdicts } from "./accept.ts";
import { Admission } from "./cluster/admission.ts";
import { acceptedResponse, type Accepted } from "./answer.ts";
import type { Broker } from "./cluster/broker.ts";
import { BodyReads, type BodyReadLimits } from "./body_reads.ts";
import { Budget } from "./budget.ts";
import { Deadlines, type Deadline } from "./deadline.ts";
import { createDeliveryFailures, type DeliveryFailures } from "./delivery_failure.ts";
import { decompress } from "./decompress.ts";
import { createEventIds, newRequestId } from "./id.ts";
import { publish, type Published, type PublishRefusal, type RecordProducer } from "./publish.ts";
import { readBody, type Body } from "./read_body.ts";
import { queueRoom, type HasRoom } from "./record_queue.ts";
import { refusalResponse, refuse, type Refusal } from "./refusal.ts";
import { readHead, type RequestHead } from "./request_head.ts";

/** What the flow is built from. */
export interface FlowParts {
  readonly config: Config<"ingest">;
  readonly producer: RecordProducer;
  readonly broker: Broker;
  readonly metrics: Metrics<"ingest">;
  readonly log: Log;
  /** For receive times and the times in logs; deadlines use the monotonic clock. */
  readonly wallNow: WallClock;
}

/** The address that a request comes from. */
export type AddressOf = (request: Request) => string;

/** What is known of a request before its events are. */
interface Taken {
  readonly head: RequestHead;
  readonly receivedAtMs: number;
  readonly deadline: Deadline;
}

/** Takes requests. The options bound what requests share: their number, their bytes, the queue. */
export class Flow {
  readonly #parts: FlowParts;
  readonly #limits: EventLimits;
  readonly #requests: Budget;
  readonly #deadlines: Deadlines;
  readonly #reads: BodyReads;
  readonly #addressOf: AddressOf;
  readonly #hasRoom: HasRoom;
  readonly #failures: DeliveryFailures;
  readonly #admission: Admission;

  constructor(parts: FlowParts, addressOf: AddressOf) {
    const { ingest } = parts.config;
    this.#parts = parts;
    this.#limits = {
      eventBytesMax: ingest.eventBytesMax,
      nestingMax: ingest.nestingMax,
      valuesMax: ingest.valuesMax,
      pastMsMax: ingest.pastDaysMax * 86_400_000,
      futureMsMax: ingest.futureMinutesMax * 60_000,
      tsOutside: ingest.tsOutside,
    };
    this.#requests = new Budget(ingest.requestsMax);
    this.#deadlines = new Deadlines(ingest.requestDeadlineMs, monotonicNow);
    this.#reads = new BodyReads(readLimits(ingest), monotonicNow);
    this.#addressOf = addressOf;
    this.#hasRoom = queueRoom(parts.producer, ingest);
    const clocks = { now: monotonicNow, wallNow: parts.wallNow };
    this.#failures = createDeliveryFailures({ log: parts.log, ...clocks });
    this.#admission = new Admission({
      partitions: parts.broker.partitions,
      waitingBytesMax: ingest.queueBytesMax,
      now: monotonicNow,
    });
  }

  /** Requests without an answer yet. */
  get requestsInFlight(): number {
    return this.#requests.used + this.#reads.count;
  }

  /** Answers one request; never rejects. */
  async receive(request: Request): Promise<Response> {
    const startedMs = monotonicNow();
    const requestId = newRequestId();
    const refusal = this.#refuseEarly();
    if (refusal !== null) return this.#answer(refusal, requestId, startedMs);
    const deadline = this.#deadlines.begin();
    try {
      return this.#answer(await this.#take(request, deadline), requestId, startedMs);
    } catch (error) {
      this.#parts.log.error({ error, requestId }, "Request ended in an internal error.");
      return this.#answer(refuse(errorCode(error)), requestId, startedMs);
    } finally {
      deadline.clear();
    }
  }

  /** Refuses what can't be stored now, before its body costs time or memory. */
  #refuseEarly(): Refusal | null {
    if (!this.#parts.broker.acceptsAny()) return refuse("broker_unavailable");
    const hasRoom = this.#hasRoom(1, 1) && !this.#admission.isSlow && this.#requests.hasRoom(1);
    return hasRoom ? null : refuse("overloaded");
  }

  async #take(request: Request, deadline: Deadline): Promise<Accepted | Refusal> {
    const head = readHead(request.headers);
    if (head.kind === "refused") return head;
    const receivedAtMs = this.#parts.wallNow();
    const body = await this.#readContent(request, head, deadline);
    if (body.kind === "refused") return body;
    // Only now: a body that never ends must not take a place of one that is whole.
    if (!this.#requests.reserve(1)) return refuse("overloaded");
    try {
      return await this.#store(body, { head, receivedAtMs, deadline });
    } finally {
      this.#requests.release(1);
    }
  }

  /** Judges and publishes the events of a whole body. */
  async #store(body: Body, { head, receivedAtMs, deadline }: Taken): Promise<Accepted | Refusal> {
    const verdicts = accept(body.bytes, head.type, {
      limits: this.#limits,
      batchEventsMax: this.#parts.config.ingest.batchEventsMax,
      receivedAtMs,
      newEventId: createEventIds(head.idempotencyKey),
    });
    if (verdicts.kind === "refused") return verdicts;
    const { metrics } = this.#parts;
    for (const { code } of verdicts.rejections) metrics.ingest_events_rejected_total.inc({ code });
    if (verdicts.events.length === 0) return allRejected(verdicts);
    const outcome = await this.#publish(verdicts, receivedAtMs, deadline);
    if (outcome.kind === "refused") return outcome;
    const { deliveries } = outcome;
    return { kind: "accepted", verdicts, deliveries, isMinimal: head.isMinimal };
  }

  /** Reads and decompresses the body; its bytes are reserved only while they arrive. */
  async #readContent(
    request: Request,
    head: RequestHead,
    deadline: Deadline,
  ): Promise<Body | Refusal> {
    const bytesMax = this.#parts.config.ingest.bodyBytesMax;
    const peer = () => this.#addressOf(request);
    const body = await readBody(request, { bytesMax, deadline, reads: this.#reads, peer });
    return body.kind === "refused" ? body : decompress(body, head.encoding, bytesMax);
  }

  async #publish(
    { events }: Verdicts,
    receivedAtMs: number,
    deadline: Deadline,
  ): Promise<Published | PublishRefusal> {
    const { config, producer, metrics, broker } = this.#parts;
    const startedMs = monotonicNow();
    const outcome = await publish(events, {
      producer,
      topic: config.kafka.topic,
      partitions: broker.partitions.count,
      hasRoom: this.#hasRoom,
      admission: this.#admission,
      failureCode: (error) => this.#failures.codeOf(error),
      receivedAtMs,
      deadline,
    });
    metrics.ingest_publish_seconds.observe((monotonicNow() - startedMs) / 1000);
    if (outcome.kind === "refused") {
      if (outcome.isUnknown) metrics.ingest_events_unknown_total.inc(events.length);
    } else {
      metrics.ingest_events_accepted_total.inc(events.length);
      const replaced = countReplaced(events);
      if (replaced > 0) metrics.ingest_timestamps_replaced_total.inc(replaced);
      this.#failures.noteStored();
    }
    return outcome;
  }

  #answer(outcome: Accepted | Refusal, requestId: string, startedMs: number): Response {
    const { metrics } = this.#parts;
    const response =
      outcome.kind === "refused"
        ? refusalResponse(outcome, requestId)
        : acceptedResponse(outcome, requestId);
    if (response.status === 503 && outcome.kind === "refused") {
      const codes = outcome.codes ?? [outcome.code];
      for (const code of codes) metrics.ingest_unavailable_total.inc({ code });
    }
    metrics.ingest_requests_total.inc({ status: response.status });
    metrics.ingest_request_seconds.observe((monotonicNow() - startedMs) / 1000);
    return response;
  }
}

function allRejected({ isSingle, rejections }: Verdicts): Refusal {
  const [first] = rejections;
  if (isSingle && first !== undefined) {
    return { kind: "refused", code: first.code, pointer: first.pointer };
  }
  return { kind: "refused", code: "batch_rejected", rejected: rejections };
}

/** One address may hold a share of what all bodies may, and at least one whole body. */
function readLimits(ingest: Config<"ingest">["ingest"]): BodyReadLimits {
  const { requestsMax, requestBytesMax, bodyBytesMax, peerPercentMax } = ingest;
  const share = peerPercentMax / 100;
  return {
    readsMax: requestsMax,
    bytesMax: requestBytesMax,
    peerReadsMax: Math.max(1, Math.floor(requestsMax * share)),
    peerBytesMax: Math.max(bodyBytesMax, Math.floor(requestBytesMax * share)),
    bytesPerSecondMin: ingest.bodyBytesPerSecondMin,
  };
}
