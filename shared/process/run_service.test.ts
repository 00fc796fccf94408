import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const SERVICE = join(import.meta.dir, "testing", "service.ts");

/** A service as a process of its own, once it runs or has ended. */
async function run(behaviour: string) {
  const child = Bun.spawn([process.execPath, SERVICE, behaviour], { stdout: "pipe" });
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let output = "";
  const printed = async (text: string): Promise<void> => {
    while (!output.includes(text)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`Ended without "${text}": ${output}`);
      output += value;
    }
  };
  /** The log's one line and the exit code, when the process has ended. */
  const ended = async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      output += read.value;
    }
    return { output, exitCode: await child.exited };
  };
  return { child, printed, ended };
}

function entryOf(output: string): unknown {
  return JSON.parse(output.split("\n").find((line) => line.startsWith("{")) ?? "null");
}

describe("runService()", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "runService() exits with 0 after the stop when %s arrives",
    async (signal) => {
      const { child, printed, ended } = await run("well");
      await printed("running");

      child.kill(signal);

      expect(await ended()).toEqual({ output: "running\nstopped\n", exitCode: 0 });
    },
  );

  test.each(["SIGTERM", "SIGINT"] as const)(
    "runService() ends at once when a second signal comes during the stop that %s began",
    async (first) => {
      const { child, printed, ended } = await run("slow");
      await printed("running");
      child.kill(first);
      await printed("stopping");

      child.kill("SIGTERM");

      expect((await ended()).exitCode).toBe(128 + 15);
    },
  );

  test("runService() prints code and message without a stack, and exits with 1, when a start is refused", async () => {
    const { output, exitCode } = await (await run("misconfigured")).ended();

    expect(exitCode).toBe(1);
    expect(entryOf(output)).toMatchObject({
      service: "example",
      code: "config_invalid",
      msg: "EXAMPLE_PORT is no port",
    });
    expect(output).not.toContain("testing/service.ts");
  });

  test("runService() prints the stack and exits with 1 when the service has a defect", async () => {
    const { output, exitCode } = await (await run("defect")).ended();

    expect(exitCode).toBe(1);
    expect(entryOf(output)).toMatchObject({
      msg: "Service could not start.",
      error: { stack: expect.stringContaining("testing/service.ts") },
    });
  });

  test("runService() exits with 1 when the stop fails", async () => {
    const { child, printed, ended } = await run("unstoppable");
    await printed("running");

    child.kill("SIGTERM");

    const { output, exitCode } = await ended();
    expect(exitCode).toBe(1);
    expect(entryOf(output)).toMatchObject({ msg: "Service could not stop." });
  });
});
