import { describe, expect, test } from "bun:test";
import { PipelineError } from "../../error.ts";
import { troubleOf } from "./trouble.ts";
import { TroubleMemory } from "./trouble_memory.ts";

describe("TroubleMemory", () => {
  test("explain() makes broker_misconfigured of a failure that waiting cannot end", () => {
    const memory = new TroubleMemory({ bootstrapServers: "a:1" }, () => 0);
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
    const memory = new TroubleMemory({ bootstrapServers: "a:1" }, () => 0);
    memory.note(troubleOf("login_refused", "a:1: SASL"));
    const refused = new PipelineError("broker_misconfigured", "x", { remedy: "Allow it." });

    expect(memory.explain(refused)).toBe(refused);
  });

  test("noteLine() asks a broker that ends connections what it speaks, not at each line", async () => {
    let nowMs = 0;
    const asked: string[] = [];
    const mismatch = troubleOf("protocol_mismatch", "a:1", "It speaks ssl: change it");
    const memory = new TroubleMemory(
      { bootstrapServers: "a:1", securityProtocol: "sasl_plaintext" },
      () => nowMs,
      async (address, configured) => {
        asked.push(`${address} ${configured}`);
        return mismatch;
      },
    );
    const line = (text: string) =>
      memory.noteLine({
        severity: 6,
        facility: "FAIL",
        message: `[thrd:a:1/bootstrap]: sasl_plaintext://a:1/bootstrap: ${text} (after 1ms in state UP)`,
      });

    line("Connect to ipv4#1 failed: Connection refused");
    line("Disconnected");
    expect(memory.current?.kind).toBe("not_connected");
    await Promise.resolve();
    expect(memory.current).toBe(mismatch);
    nowMs = 5000;
    line("Disconnected");
    // The client guesses; what the listener said stays.
    line("Disconnected: might be caused by incorrect security.protocol configuration");
    expect(memory.current).toBe(mismatch);
    nowMs = 10_000;
    line("Receive failed: Connection reset by peer");

    expect(asked).toEqual(["a:1 sasl_plaintext", "a:1 sasl_plaintext"]);
  });

  test("current is the most specific trouble of the last minute", () => {
    let nowMs = 0;
    const memory = new TroubleMemory({ bootstrapServers: "a:1" }, () => nowMs);

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
