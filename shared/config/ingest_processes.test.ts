import { describe, expect, test } from "bun:test";
import { loadConfig } from "./config.ts";
import { processesOf, shareOf } from "./ingest_processes.ts";

const MEBIBYTE = 1024 * 1024;

function ingestOf(env: Record<string, string> = {}) {
  return loadConfig(env, "ingest").ingest;
}

describe("processesOf()", () => {
  test.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 3],
    [5, 4],
    [64, 4],
  ])("on %i cores starts %i processes when no number is set", (cores, processes) => {
    expect(processesOf(ingestOf(), cores)).toBe(processes);
  });

  test("starts what INGEST_PROCESSES says when it is set", () => {
    expect(processesOf(ingestOf({ INGEST_PROCESSES: "6" }), 2)).toBe(6);
    expect(processesOf(ingestOf({ INGEST_PROCESSES: "1" }), 16)).toBe(1);
  });

  test("starts fewer by itself when a share would not hold a whole body", () => {
    // Two bodies of 16 MiB each need a queue of 32 MiB, and there are 64.
    const ingest = ingestOf({ INGEST_BODY_BYTES_MAX: String(16 * MEBIBYTE) });

    expect(processesOf(ingest, 16)).toBe(2);
  });
});

describe("shareOf()", () => {
  test("divides the bounds and nothing else when there are three processes", () => {
    const ingest = ingestOf({ INGEST_PROCESSES: "3" });

    const share = shareOf(ingest, 3);

    expect(share).toEqual({
      ...ingest,
      requestsMax: 666,
      requestBytesMax: Math.floor((64 * MEBIBYTE) / 3),
      queueRecordsMax: 66_666,
      queueBytesMax: Math.floor((64 * MEBIBYTE) / 3),
      rejectedBytesPerSecondMax: 3333,
    });
  });

  test("leaves in sum no more than the bounds when they are no multiples", () => {
    const ingest = ingestOf({ INGEST_REQUESTS_MAX: "100" });

    expect(shareOf(ingest, 7).requestsMax * 7).toBeLessThanOrEqual(100);
  });
});
