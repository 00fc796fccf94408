import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ChildResult, runChild } from "./testing/child.ts";
import { type TestKafka, testKafka } from "./testing/test_kafka.ts";

const RUNS = 20;
const RUNS_AT_ONCE = 4;
const TEST_MS_MAX = 120_000;

let kafka: TestKafka;
let topic: string;
beforeAll(async () => {
  kafka = await testKafka();
  // It keeps all: the children read from offset 0, which the log must not lose before.
  topic = await kafka.newTopic(2);
});
afterAll(() => kafka.close());

type Ending = "exit" | "throw" | "disconnect" | "handler" | "signal";

/** Ends a process with live clients many times, several at once; its exit codes. */
async function exitCodes(ending: Ending, runs: number): Promise<number[]> {
  const results: ChildResult[] = [];
  let begun = 0;
  const runner = async (): Promise<void> => {
    while (begun++ < runs) results.push(await runOnce(ending));
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, runner));
  for (const { output } of results) expect(output).toBe("busy\n");
  return results.map(({ exitCode }) => exitCode);
}

function runOnce(ending: Ending): Promise<ChildResult> {
  let isSent = false;
  const args = [kafka.connection.bootstrapServers, topic, ending];
  return runChild("live_clients", args, (output, kill) => {
    if (isSent || output !== "busy\n" || (ending !== "handler" && ending !== "signal")) return;
    isSent = true;
    kill("SIGTERM");
  });
}

const times = (count: number, code: number): number[] => Array.from({ length: count }, () => code);

describe("the end of a process with live clients", () => {
  test(
    "process.exit() ends it with its code every time",
    async () => expect(await exitCodes("exit", RUNS)).toEqual(times(RUNS, 7)),
    TEST_MS_MAX,
  );

  test(
    "SIGTERM ends it every time when there is no handler",
    async () => expect(await exitCodes("signal", RUNS)).toEqual(times(RUNS, 143)),
    TEST_MS_MAX,
  );

  test(
    "SIGTERM ends it with the handler's code every time",
    async () => expect(await exitCodes("handler", RUNS)).toEqual(times(RUNS, 5)),
    TEST_MS_MAX,
  );

  test(
    "it ends by itself with 0 when the clients were disconnected",
    async () => expect(await exitCodes("disconnect", 4)).toEqual(times(4, 0)),
    TEST_MS_MAX,
  );

  test(
    "an uncaught error ends it with 1",
    async () => expect(await exitCodes("throw", 4)).toEqual(times(4, 1)),
    TEST_MS_MAX,
  );
});
