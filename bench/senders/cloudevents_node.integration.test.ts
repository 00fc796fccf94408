/** The CloudEvents SDK for JavaScript, unmodified and in every mode, over a crash of ingest. */
import { eventIdOf } from "@tally/ingest/cloudevents/identity";
import { eventually, sleep } from "@tally/shared";
import { testStack } from "@tally/stack/testing";
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  CloudEvent,
  emitterFor,
  HTTP,
  httpTransport,
  Mode,
  type Message,
  type TransportFunction,
} from "cloudevents";

import type { System } from "../system/system.ts";
import { startedSystem } from "../system/testing/started_system.ts";
import { ALL_STORED, outcomeOf, sendThroughOutage } from "./testing/outage.ts";

const TEST_MS_MAX = 120_000;
const ROWS_MS_MAX = 60_000;
const SOURCE = "https://shop.example/orders";
/** Between two tries of one event. // chosen */
const PAUSE_MS = 100;
const TRIES_MAX = 600;

let system: System;

beforeAll(async () => {
  system = await startedSystem(await testStack(), Bun.env);
}, TEST_MS_MAX);
afterAll(() => system.close(), TEST_MS_MAX);

/** The way that the SDK's README shows: the message's headers and body, sent by `fetch`. */
const fetchTransport: TransportFunction = async ({ headers, body }: Message) => {
  const init = { method: "POST", headers: headers as Record<string, string>, body: String(body) };
  const response = await fetch(`${system.ingests[0].url}/events`, init);
  if (response.status !== 202) throw new Error(`HTTP ${response.status}`);
  return await response.json();
};

/** The SDK's own transport says nothing of the status: a 202 has a place. */
const ownTransport: TransportFunction = async (message, options) => {
  const answer = await httpTransport(`${system.ingests[0].url}/events`)(message, options);
  const { body } = answer as { readonly body: string };
  if (!body.includes('"offset"')) throw new Error(body);
  return answer;
};

/** The SDK makes no batches: several events in JSON format are one. */
async function sendBatch(events: readonly CloudEvent<unknown>[]): Promise<unknown> {
  const headers = { "content-type": "application/cloudevents-batch+json" };
  return await fetchTransport({ headers, body: JSON.stringify(events) } as Message);
}

type Send = (event: CloudEvent<unknown>) => Promise<unknown>;
const structured: Send = emitterFor(fetchTransport, { binding: HTTP, mode: Mode.STRUCTURED });
const binary: Send = emitterFor(fetchTransport, { binding: HTTP, mode: Mode.BINARY });
const own: Send = emitterFor(ownTransport);
const batched: Send = (event) => sendBatch([event]);
const WAYS: readonly Send[] = [structured, binary, own, batched];

/** Tries until the event is accepted, as an application does: the SDK repeats nothing. */
async function sendRepeatedly(send: () => Promise<unknown>, onMiss: () => void): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    try {
      await send();
      return;
    } catch {
      onMiss();
      await sleep(PAUSE_MS);
    }
  }
  throw new Error("Cannot send an event: ingest did not come back");
}

test(
  "cloudevents loses nothing and sends nothing twice when ingest crashes",
  async () => {
    let misses = 0;
    const sent: Promise<void>[] = [];
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    await sendThroughOutage(system, (n) => {
      const data = { n, text: "€ 😀" };
      const event = new CloudEvent({ id: `${n}`, source: SOURCE, type: "sdk", data, traceparent });
      const send = async () => WAYS[n % WAYS.length]?.(event);
      sent.push(
        sendRepeatedly(send, () => {
          misses += 1;
        }),
      );
    });
    await Promise.all(sent);

    const where = "event_type = 'sdk'";
    expect(await outcomeOf(system, { number: "(payload->>'n')::int", where })).toEqual(ALL_STORED);
    expect(misses).toBeGreaterThan(0);
    const rows: { event_id: string; n: number }[] = await system.sql`
      select event_id, (payload->>'n')::int as n from web_events where event_type = 'sdk'`;
    for (const { event_id: id, n } of rows) {
      expect(id).toBe(eventIdOf({ source: SOURCE, id: `${n}` }));
    }
  },
  TEST_MS_MAX,
);

test(
  "cloudevents sends one event in every mode, and it is one row with its data as it is",
  async () => {
    const event = new CloudEvent({
      id: "7",
      source: `${SOURCE}/all`,
      type: "sdk.all",
      subject: "50% off",
      data: { n: 0, text: "€ 😀", list: [1, null, { deep: true }] },
    });

    for (const send of WAYS) await send(event);
    // Of the same session: when it is a row, all others were taken from the log.
    await structured(event.cloneWith({ id: "after", type: "sdk.after" }));
    const rowsOf = async (type: string): Promise<object[]> =>
      await system.sql`
      select session_id, ts, payload from web_events where event_type = ${type}`;
    await eventually(async () => (await rowsOf("sdk.after")).length > 0, ROWS_MS_MAX);

    const row = { session_id: "50% off", ts: new Date(event.time ?? ""), payload: event.data };
    expect(await rowsOf("sdk.all")).toEqual([row]);
    expect([...(await system.sql`select code from dead_letters`)]).toEqual([]);
  },
  TEST_MS_MAX,
);
