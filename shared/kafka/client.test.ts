import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PipelineError } from "../error.ts";
import { loadFiles } from "./client.ts";
import { pipelineError } from "./connection.ts";

describe("loadFiles()", () => {
  test("loadFiles() throws client_unavailable and names the folder when a file can't be loaded", () => {
    const folder = mkdtempSync(join(tmpdir(), "tally-load-"));
    const files = { library: join(folder, "a.so"), addon: join(folder, "b.node") };
    writeFileSync(files.library, "not a library");

    const load = (): unknown => loadFiles(files);

    expect(load).toThrow(PipelineError);
    expect(load).toThrow(`"${files.addon}" can't be loaded, remove its folder to build it again`);
    rmSync(folder, { recursive: true });
  });
});

describe("pipelineError()", () => {
  test.each([
    [-184, "overloaded"],
    [10, "broker_rejected"],
    [87, "broker_rejected"],
    [-170, "broker_misconfigured"],
    [17, "broker_misconfigured"],
    [29, "broker_misconfigured"],
    [31, "broker_misconfigured"],
    [32, "broker_misconfigured"],
    [-192, "broker_unavailable"],
    [-195, "broker_unavailable"],
    [19, "broker_unavailable"],
    [3, "broker_unavailable"],
    [99_999, "broker_unavailable"],
  ])("pipelineError() makes %i a %s when it has no other meaning", (code, expected) => {
    const cause = { code, message: "Why" };

    const error = pipelineError('Cannot publish to "events"', cause);

    expect(String(error.code)).toBe(expected);
    expect(error.message).toBe(`Cannot publish to "events": Why (code ${code})`);
    expect(error.cause).toBe(cause);
  });

  test("pipelineError() takes anything when what was thrown is no error", () => {
    expect(pipelineError("Cannot go on", "a text").message).toBe("Cannot go on: a text (code -1)");
    expect(pipelineError("Cannot go on", null).code).toBe("broker_unavailable");
  });
});
