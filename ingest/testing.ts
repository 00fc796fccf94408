/** What tests of the service share: the service itself, with a producer that the test commands. */
import { ERRORS, loadConfig, silentLog, type ErrorCode } from "@tally/shared";
import { expect } from "bun:test";
import { eventually } from "@tally/stack/testing";
import { FakeProducer } from "./fake_producer.ts";
import { start, type RunningIngest, type StartOptions } from "./main.ts";

/** An event that every rule lets pass. */
export const EVENT = '{"sessionId":"s","eventType":"t","payload":1}';

/** A running service and the log it writes to. */
export interface FakedIngest extends RunningIngest {
  readonly producer: FakeProducer;
}

/** Starts what production starts, on a free port. `env` as in the environment. */
export async function startFaked(
  env: Record<string, string> = {},
  options: StartOptions & { producer?: FakeProducer } = {},
): Promise<FakedIngest> {
  const producer = options.producer ?? new FakeProducer();
  const service = await start(loadConfig({ INGEST_PORT: "0", ...env }, "ingest"), {
    connect: () => Promise.resolve(producer),
    log: silentLog(),
    probeIntervalMs: 20,
    stopNoticeMs: 0,
    ...options,
  });
  return { ...service, producer };
}

/** The answer to `POST /events`, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed; tests know what they expect in it. */
  readonly body: { readonly [name: string]: unknown };
}

/** Sends a body, as JSON unless the headers say otherwise. */
export async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/events`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return readAnswer(response);
}

/** Reads an answer whose body is JSON. */
export async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, body: (await response.json()) as { [name: string]: unknown } };
}

/** Expects a whole problem document of a code, and the status and headers that belong to it. */
export function expectProblem(
  answer: Answer,
  code: ErrorCode,
  pointer: string | null = null,
): void {
  const { status, headers, body } = answer;
  expect(body).toEqual({
    type: `urn:tally:error:${code}`,
    title: ERRORS[code].title,
    status,
    code,
    requestId: headers.get("x-request-id") ?? "",
    ...(pointer === null ? {} : { pointer }),
    ...("rejected" in body ? { rejected: body.rejected } : {}),
  });
  expect(status).toBe(ERRORS[code].httpStatus ?? 0);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(headers.get("retry-after")).toBe(status === 503 ? "1" : null);
}

/** Waits for a condition; fails when it does not come true in 10 s. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await eventually(holds, 10_000)))
    throw new Error("The condition did not come true in 10 s");
}

/** The value of a metric in Prometheus' text, 0 when it has none. */
export async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}
