import { expect, test } from "bun:test";

/** Runs a program that logs, for a log writes to the process' own console. */
function output(program: string): unknown[] {
  const script = `import { createLog, silentLog } from ${JSON.stringify(`${import.meta.dir}/log.ts`)};${program}`;
  const { stdout } = Bun.spawnSync([process.execPath, "-e", script]);
  const lines = stdout.toString().split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

test("createLog() prints a JSON line with level, service, time and fields", () => {
  const [line] = output('createLog("ingest", "info").warn({ port: 1 }, "Port changed.")');

  expect(line).toMatchObject({ level: "warn", service: "ingest", port: 1, msg: "Port changed." });
  expect(line).toHaveProperty("time");
});

test("createLog() prints an error with its cause", () => {
  const [line] = output(
    'createLog("ingest", "info").error({ error: new Error("outer", { cause: new Error("inner") }) }, "It ended.")',
  );

  expect(line).toMatchObject({ error: { message: "outer", cause: { message: "inner" } } });
});

test("createLog() prints nothing below its level, silentLog() nothing at all", () => {
  expect(output('createLog("ingest", "warn").info({}, "x."); silentLog().error({}, "y.")')).toEqual(
    [],
  );
});
