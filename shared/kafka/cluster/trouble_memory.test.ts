import { describe, expect, test } from "bun:test";
import { PipelineError } from "../../error.ts";
import { troubleOf } from "./trouble.ts";
import { TroubleMemory } from "./trouble_memory.ts";

describe("TroubleMemory", () => {
  test("explain() makes broker_misconfigured of a failure that waiting cannot end", () => {
    const memory = new TroubleMemory("a:1", () => 0);
    const away = new PipelineError("broker_unavailable", "Cannot describe topic");
    const before = memory.explain(away);
    memory.note(troubleOf("not_connected", "a:1: refused"));
    const down = memory.explain(away);
    memory.note(troubleOf("login_refused", "a:1: SASL"));
    const refused = memory.explain(away);

    expect(before).toBe(away);
    expect([down.code, down.message]).toEqual([
      "broker_unavailable",
      expect.stringContaining("a:1: refused"),
    ]);
    expect([refused.code, refused.remedy]).toEqual([
      "broker_misconfigured",
      expect.stringContaining("KAFKA_SASL_PASSWORD"),
    ]);
  });

  test("explain() leaves an error alone that says itself what is wrong", () => {
    const memory = new TroubleMemory("a:1", () => 0);
    memory.note(troubleOf("login_refused", "a:1: SASL"));
    const refused = new PipelineError("broker_misconfigured", "x", { remedy: "Allow it." });

    expect(memory.explain(refused)).toBe(refused);
  });

  test("current is the most specific trouble of the last minute", () => {
    let nowMs = 0;
    const memory = new TroubleMemory("a:1", () => nowMs);

    memory.note(troubleOf("login_refused", "a"));
    nowMs = 30_000;
    memory.noteLine({
      severity: 3,
      facility: "FAIL",
      message:
        "[thrd:a]: a:1/bootstrap: Connect to ipv4#1 failed: Connection refused (after 0ms in state CONNECT)",
    });

    expect(memory.current?.kind).toBe("login_refused");
    nowMs = 61_000;
    expect(memory.current?.kind).toBe("not_connected");
    memory.clear();
    expect(memory.current).toBeNull();
  });
});
