/**
 * The flow of a request for events: read → decompress → judge → publish → answer. What differs by
 * route is its form (form/request_form.ts). Success is answered only after the broker has
 * acknowledged every accepted event (promise P1). Every refusal is counted and answered here, once.
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
import { Admission } from "./cluster/admission.ts";
import type { Broker } from "./cluster/broker.ts";
import { BodyReads, readLimits } from "./body_reads.ts";
import { Budget } from "./budget.ts";
import { Deadlines, type Deadline } from "./deadline.ts";
import { createDeliveryFailures, type DeliveryFailures } from "./delivery_failure.ts";
import { decompress } from "./decompress.ts";
import { newRequestId } from "./form/id.ts";
import type { Sender, Senders } from "./keys/senders.ts";
import { refuse, type Refusal } from "./form/refusal.ts";
import type { Accepted, RequestForm, RequestHead } from "./form/request_form.ts";
import { allRejected, countReplaced, eventLimits, type Verdicts } from "./form/verdicts.ts";
import { isOverloaded, overloadRetryMs } from "./overload.ts";
import {
  publish,
  type Published,
  type PublishOptions,
  type PublishRefusal,
  type RecordProducer,
} from "./publish.ts";
import { readBody, type Body } from "./read_body.ts";
import { QuotaGate } from "./quota_gate.ts";
import type { Quotas } from "./quotas/quotas.ts";
import { RejectedQuota } from "./rejected_quota.ts";
import { queueRoom, type HasRoom } from "./record_queue.ts";
import { WorkQueue } from "./work_queue.ts";

/** What the flow is built from. */
export interface FlowParts {
  readonly config: Config<"ingest">;
  readonly producer: RecordProducer;
  readonly broker: Broker;
  readonly metrics: Metrics<"ingest">;
  readonly log: Log;
  readonly senders: Senders;
  readonly quotas: Quotas;
  /** For receive times and the times in logs; deadlines use the monotonic clock. */
  readonly wallNow: WallClock;
}

/** A request, and its sender as soon as it is known. */
interface Asked<Head extends RequestHead> {
  readonly request: Request;
  readonly form: RequestForm<Head>;
  readonly requestId: string;
  sender: Sender | null;
}

/** What is known of a request before its events are. */
interface Taken<Head extends RequestHead> {
  readonly asked: Asked<Head>;
  readonly head: Head;
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
  readonly #addressOf: (request: Request) => string;
  readonly #hasRoom: HasRoom;
  readonly #failures: DeliveryFailures;
  readonly #admission: Admission;
  readonly #quotas: QuotaGate;
  readonly #keepsRejected: boolean;
  readonly #rejected: RejectedQuota;
  readonly #work: WorkQueue;

  /** @param addressOf The address that a request comes from. */
  constructor(parts: FlowParts, addressOf: (request: Request) => string) {
    const { ingest } = parts.config;
    this.#parts = parts;
    this.#limits = eventLimits(ingest);
    this.#quotas = new QuotaGate(parts.quotas);
    this.#keepsRejected = ingest.rejectedEvents === "dead_letter";
    this.#rejected = new RejectedQuota(ingest.rejectedBytesPerSecondMax, monotonicNow);
    this.#requests = new Budget(ingest.requestsMax);
    this.#deadlines = new Deadlines(ingest.requestDeadlineMs, monotonicNow);
    this.#reads = new BodyReads(readLimits(ingest), monotonicNow);
    this.#work = new WorkQueue({
      now: monotonicNow,
      afterTurn: (action) => void setImmediate(action),
      bytesMax: ingest.requestBytesMax,
    });
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
  async receive<Head extends RequestHead>(
    request: Request,
    form: RequestForm<Head>,
  ): Promise<Response> {
    const startedMs = monotonicNow();
    const asked: Asked<Head> = { request, form, requestId: newRequestId(), sender: null };
    const refusal = this.#refuseEarly();
    const outcome = this.#withRetry(refusal ?? (await this.#takeInTime(asked)));
    const response = form.answer(outcome, asked.requestId);
    this.#quotas.tell(asked.sender?.key ?? null, response);
    return this.#count(outcome, response, startedMs);
  }

  /** Refuses what can't be stored now, before its body costs time or memory. */
  #refuseEarly(): Refusal | null {
    if (!this.#parts.broker.acceptsAny()) return refuse("broker_unavailable");
    const [requests, hasRoom, admission] = [this.#requests, this.#hasRoom, this.#admission];
    const signs = { requests, hasRoom, admission, work: this.#work };
    return isOverloaded(signs) ? refuse("overloaded") : null;
  }

  /** A sender that is refused for what waits now should come again when that has drained. */
  #withRetry<Outcome extends Accepted | Refusal>(outcome: Outcome): Outcome {
    if (outcome.kind !== "refused" || outcome.code !== "overloaded") return outcome;
    return { ...outcome, retryMs: overloadRetryMs(this.#admission.msLeft) };
  }

  async #takeInTime<Head extends RequestHead>(
    asked: Asked<Head>,
  ): Promise<Accepted<Head> | Refusal> {
    const deadline = this.#deadlines.begin();
    try {
      return await this.#take(asked, deadline);
    } catch (error) {
      const { requestId } = asked;
      this.#parts.log.error({ error, requestId }, "Request ended in an internal error.");
      return refuse(errorCode(error));
    } finally {
      deadline.clear();
    }
  }

  async #take<Head extends RequestHead>(
    asked: Asked<Head>,
    deadline: Deadline,
  ): Promise<Accepted<Head> | Refusal> {
    const { request, form } = asked;
    const sender = this.#parts.senders.byHeaders(request.headers);
    if (sender?.kind === "refused") return sender;
    asked.sender = sender;
    const head = form.readHead(request);
    if (head.kind === "refused") return head;
    if (sender === null && form.mayHoldKey?.(head) === false) {
      return this.#parts.senders.refuseKeyless(request.headers);
    }
    const stop = this.#quotas.look(sender?.key ?? null);
    if (stop !== null) return stop;
    const receivedAtMs = this.#parts.wallNow();
    const bytesMax = this.#parts.config.ingest.bodyBytesMax;
    const peer = () => this.#addressOf(request);
    // The bytes are reserved only while they arrive.
    const sent = await readBody(request, { bytesMax, deadline, reads: this.#reads, peer });
    if (sent.kind === "refused") return sent;
    // Only now: a body that never ends must not take a place of one that is whole. Many bodies may
    // have become whole at once.
    if (this.#work.isFull || !this.#requests.reserve(1)) return refuse("overloaded");
    try {
      const body = decompress(sent, head.encoding, bytesMax);
      if (body.kind === "refused") return await this.#refuseContent(body, asked, sent);
      const taken = { asked, head, receivedAtMs, deadline };
      return await this.#work.run(body.bytes.length, () => this.#store(body, taken));
    } finally {
      this.#requests.release(1);
    }
  }

  /** Judges and publishes the events of a whole body. */
  async #store<Head extends RequestHead>(
    body: Body,
    { asked, head, receivedAtMs, deadline }: Taken<Head>,
  ): Promise<Accepted<Head> | Refusal> {
    const parsed = asked.form.parse(body.bytes, head);
    if (parsed.kind === "refused") return await this.#refuseContent(parsed, asked, body);
    const sender = asked.sender ?? this.#findByBody(asked, parsed.writeKey);
    if (sender.kind === "refused") return sender;
    const verdicts = parsed.judge({
      limits: this.#limits,
      batchEventsMax: this.#parts.config.ingest.batchEventsMax,
      receivedAtMs,
      source: sender.source,
      eventTypes: sender.key?.eventTypes ?? null,
      keepsRejected: this.#keepsRejected && asked.form.keepsRejected === true,
    });
    if (verdicts.kind === "refused") return await this.#refuseContent(verdicts, asked, body);
    const { key } = sender;
    const taken = key && this.#quotas.take(key, verdicts, body.bytes.length);
    // Without a wait where none is needed, so that this counts as one piece of work.
    const stop = taken instanceof Promise ? await taken : taken;
    if (stop !== null) return stop;
    const { metrics } = this.#parts;
    for (const { code } of verdicts.rejections) metrics.ingest_events_rejected_total.inc({ code });
    const { events, kept = [] } = verdicts;
    const excess = kept.length === 0 ? null : this.#rejected.take(key, kept);
    if (excess !== null) metrics.ingest_rejected_left_out_total.inc(kept.length);
    if (events.length === 0 && excess !== null) return excess;
    if (events.length === 0 && kept.length === 0) return allRejected(verdicts);
    // Good events do not suffer for bad ones beside them.
    const content = { events, kept: excess === null ? kept : [] };
    const outcome = await this.#publish(content, receivedAtMs, deadline);
    if (outcome.kind === "refused") return outcome;
    return { kind: "accepted", head, verdicts, deliveries: outcome.deliveries };
  }

  /** Finds the sender by a key in the body; one without quota left is refused before the events. */
  #findByBody<Head extends RequestHead>(
    asked: Asked<Head>,
    writeKey: string | null,
  ): Sender | Refusal {
    const sender = this.#parts.senders.byBody(writeKey, asked.request.headers);
    if (sender.kind === "refused") return sender;
    asked.sender = sender;
    return this.#quotas.look(sender.key) ?? sender;
  }

  /** A body that is refused for what is in it costs its sender, when it is known, its bytes. */
  async #refuseContent<Head extends RequestHead>(
    refusal: Refusal,
    { sender }: Asked<Head>,
    { bytes }: Body,
  ): Promise<Refusal> {
    return (await this.#quotas.takeBytes(sender?.key ?? null, bytes.length)) ?? refusal;
  }

  async #publish(
    { events, kept = [] }: Pick<Verdicts, "events" | "kept">,
    receivedAtMs: number,
    deadline: Deadline,
  ): Promise<Published | PublishRefusal> {
    const { config, producer, metrics, broker } = this.#parts;
    const startedMs = monotonicNow();
    const options: PublishOptions = {
      producer,
      topic: config.kafka.topic,
      partitions: broker.partitions.count,
      hasRoom: this.#hasRoom,
      admission: this.#admission,
      failureCode: (error) => this.#failures.codeOf(error),
      receivedAtMs,
      deadline,
    };
    const outcome = await publish({ events, kept }, options);
    metrics.ingest_publish_seconds.observe((monotonicNow() - startedMs) / 1000);
    if (outcome.kind === "refused") {
      if (outcome.isUnknown) metrics.ingest_events_unknown_total.inc(events.length);
    } else {
      metrics.ingest_events_accepted_total.inc(events.length);
      const replaced = countReplaced(events);
      if (kept.length > 0) metrics.ingest_rejected_published_total.inc(kept.length);
      if (replaced > 0) metrics.ingest_timestamps_replaced_total.inc(replaced);
      this.#failures.noteStored();
    }
    return outcome;
  }

  #count(outcome: Accepted | Refusal, response: Response, startedMs: number): Response {
    const { metrics } = this.#parts;
    if (response.status === 503 && outcome.kind === "refused") {
      const codes = outcome.codes ?? [outcome.code];
      for (const code of codes) metrics.ingest_unavailable_total.inc({ code });
    }
    metrics.ingest_requests_total.inc({ status: response.status });
    metrics.ingest_request_seconds.observe((monotonicNow() - startedMs) / 1000);
    return response;
  }
}
