import { partitionOf, type PartitionState } from "@tally/shared/kafka";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FakeProducer } from "./testing/fake_producer.ts";
import {
  EVENT,
  expectProblem,
  metric,
  post,
  readAnswer,
  startFaked,
  until,
  type FakedIngest,
} from "./testing/faked_ingest.ts";

let ingest: FakedIngest;

beforeAll(async () => {
  ingest = await startFaked();
});
afterAll(() => ingest.stop());

describe("the other routes", () => {
  const get = (path: string, init?: RequestInit) => fetch(`${ingest.url}${path}`, init);

  test("answer 404 for an unknown path, with any method", async () => {
    expectProblem(await readAnswer(await get(`/nowhere`)), "not_found");
    expectProblem(await readAnswer(await get("/x", { method: "OPTIONS" })), "not_found");
  });

  test.each([
    ["/events", "GET", "POST, OPTIONS"],
    ["/events", "DELETE", "POST, OPTIONS"],
    ["/openapi.json", "PATCH", "GET, HEAD, OPTIONS"],
    ["/health/live", "POST", "GET, HEAD, OPTIONS"],
  ])("answer 405 with Allow for %s %s", async (path, method, allow) => {
    const response = await get(path, { method });

    expect(response.headers.get("allow")).toBe(allow);
    expectProblem(await readAnswer(response), "method_not_allowed");
  });

  test("report health, and that Kafka went away and came back", async () => {
    const producer = new FakeProducer();
    const { url, stop } = await startFaked({}, { producer });
    const statuses = async (): Promise<number[]> =>
      Promise.all(
        ["/health/live", "/health/ready", "/actuator/health"].map(
          async (path) => (await fetch(url + path)).status,
        ),
      );

    expect(await statuses()).toEqual([200, 200, 200]);
    expect(await (await fetch(`${url}/actuator/health`)).json()).toMatchObject({
      status: "UP",
      components: { kafka: { status: "UP" } },
    });
    producer.reachable = false;
    await until(async () => (await statuses())[1] === 503);
    expect(await statuses()).toEqual([200, 503, 503]);
    expect(await (await fetch(`${url}/actuator/health`)).json()).toMatchObject({
      status: "DOWN",
      components: { kafka: { status: "DOWN" } },
    });
    producer.reachable = true;
    await until(async () => (await statuses())[1] === 200);
    await stop();
  });

  test("say which part of Kafka stores no events, and go on with the others", async () => {
    const { url, producer, stop } = await startFaked();
    const [healthy] = producer.partitions as [PartitionState];
    const lost = partitionOf("s", 6);
    const other = ["a", "b", "c"].find((session) => partitionOf(session, 6) !== lost) ?? "";

    producer.partitions = producer.partitions.map((partition, number) =>
      number === lost ? { ...healthy, leader: -1 } : partition,
    );
    await until(async () => (await metric(url, "ingest_partitions_unavailable")) > 0);

    expect(await metric(url, "ingest_partitions_unavailable")).toBe(1);
    expectProblem(await post(url, EVENT), "broker_unavailable");
    expect((await post(url, EVENT.replace('"s"', `"${other}"`))).status).toBe(202);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${url}/actuator/health`)).json()).toMatchObject({
      components: {
        kafka: { status: "UP", details: { reason: "1 of 6 partitions have no leader" } },
      },
    });
    producer.partitions = producer.partitions.map(() => ({ ...healthy, leader: -1 }));
    await until(async () => (await fetch(`${url}/health/ready`)).status === 503);
    expect(await (await fetch(`${url}/health/ready`)).json()).toEqual({
      status: "DOWN",
      reason: "6 of 6 partitions have no leader",
    });
    await stop();
  });

  test("start without Kafka and accept events once it is there", async () => {
    const producer = new FakeProducer();
    producer.reachable = false;
    const { url, stop } = await startFaked({}, { producer });

    expectProblem(await post(url, EVENT), "broker_unavailable");
    producer.reachable = true;
    await until(async () => (await post(url, EVENT)).status === 202);
    await stop();
  });

  test("count one accepted and one rejected event as exactly that", async () => {
    const { url, stop } = await startFaked();

    await post(url, EVENT);
    await post(url, "{}");

    expect(await metric(url, "ingest_events_accepted_total")).toBe(1);
    expect(await metric(url, 'ingest_events_rejected_total{code="field_missing"}')).toBe(1);
    expect(await metric(url, 'ingest_requests_total{status="202"}')).toBe(1);
    expect(await metric(url, 'ingest_requests_total{status="422"}')).toBe(1);
    expect(await metric(url, "ingest_publish_seconds_count")).toBe(1);
    expect(await metric(url, "ingest_request_seconds_count")).toBe(2);
    await stop();
  });

  test("describe the interface with the limits in force", async () => {
    const { url, stop } = await startFaked({ INGEST_BATCH_EVENTS_MAX: "77" });

    const response = await fetch(`${url}/openapi.json`);

    expect(response.headers.get("content-type")).toStartWith("application/json");
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ openapi: "3.1.0" });
    expect(text).toContain('"maxItems":77');
    await stop();
  });

  test("answer HEAD like GET, without the body", async () => {
    const response = await get("/health/live", { method: "HEAD" });

    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });
});
