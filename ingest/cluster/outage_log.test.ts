import type { Log } from "@tally/shared";
import { describe, expect, test } from "bun:test";
import { createOutageLog, REPEAT_MS } from "./outage_log.ts";
import type { Reason } from "./reason.ts";

const reason = (kind: string, isForOperator = false): Reason => ({
  kind,
  text: kind,
  detail: "",
  isForOperator,
});

function logged() {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const write = (level: string) => (fields: { reason?: string }, text: string) =>
    void lines.push(`${level} ${fields.reason ?? ""} ${text.slice(0, 5)}`);
  const log = { info: write("info"), warn: write("warn"), error: write("error") };
  return { lines, clock, outage: createOutageLog(log as unknown as Log, () => clock.ms) };
}

describe("createOutageLog()", () => {
  test("note() logs an outage once, its new reason once, and its end", () => {
    const { lines, clock, outage } = logged();

    outage.note(reason("a"), false);
    clock.ms = 3000;
    for (const kind of ["a", "a", "b", "a", "b"]) outage.note(reason(kind, kind === "b"), false);
    outage.note(null, true);
    outage.note(null, true);

    expect(lines).toEqual(["warn a Kafka", "error b Kafka", "info  Kafka"]);
  });

  test("note() logs a reason that lasts again after a long time", () => {
    const { lines, clock, outage } = logged();

    outage.note(reason("a"), false);
    clock.ms = 3000;
    outage.note(reason("a"), false);
    clock.ms = 3000 + REPEAT_MS;
    outage.note(reason("a"), false);

    expect(lines).toHaveLength(2);
  });

  test("note() is silent about an outage until it has lasted", () => {
    const { lines, clock, outage } = logged();

    outage.note(reason("a"), true);
    clock.ms = 1000;
    outage.note(null, true);
    outage.note(reason("a"), true);
    const before = [...lines];
    clock.ms = 3000;
    outage.note(reason("a"), true);

    expect(before).toEqual([]);
    expect(lines).toEqual(["warn a Some "]);
  });
});
