/** The view Pipeline while a server is away: what it says within seconds, and that it recovers. */
import { afterAll, expect, test } from "bun:test";
import { wallNow } from "@tally/shared";
import {
  endStack,
  ownStack,
  parentOf,
  runningProcesses,
  signalProcess,
} from "@tally/stack/testing";
import type { Stack } from "@tally/stack";
import { useRealPage } from "./testing/page_system.ts";

let own: Stack;
const real = useRealPage({
  stack: async () => {
    own = await ownStack();
    return own;
  },
});
afterAll(() => endStack(own), 60_000);

/** How long a viewer waits for the sentence after the processor knows, ms. */
const SAID_MS_MAX = 15_000;

test("Pipeline says that S3 is down and what that means, and recovers without a reload", async () => {
  await real.store([{ sessionId: "s", eventType: "t", payload: {} }]);
  const page = await real.open("?view=pipeline");
  const edge = page.locator(".flow-edge").nth(2);
  await edge.getByText("Nothing waits.").waitFor();

  await own.s3.stop();
  await real.store([{ sessionId: "s", eventType: "t", payload: {} }]);
  await edge
    .getByText("S3 is down: rows are written, their lines follow later.")
    .waitFor({ timeout: SAID_MS_MAX });
  expect(await edge.locator(".flow-state").innerText()).toContain("stands");
  const dependency = page.locator(".dependency-item").filter({ hasText: "S3" });
  expect(await dependency.innerText()).toContain("archive_unavailable");
  await own.s3.start();

  await edge.getByText("Nothing waits.").waitFor({ timeout: 60_000 });
});

test("Pipeline and Overview say that Kafka is down, and recover without a reload", async () => {
  const page = await real.open("?view=pipeline");
  const edge = page.locator(".flow-edge").first();
  await edge.getByText("A 202 means that Kafka has the event.").waitFor();
  const overview = await real.open("");

  await own.kafka.stop();
  await edge
    .getByText("Kafka is down: ingest answers 503 until it is back.")
    .waitFor({ timeout: SAID_MS_MAX });
  await overview.getByText("Kafka is down", { exact: true }).waitFor({ timeout: SAID_MS_MAX });
  await own.kafka.start();

  await edge.getByText("A 202 means that Kafka has the event.").waitFor({ timeout: 60_000 });
  await overview.getByText("Healthy", { exact: true }).first().waitFor({ timeout: 60_000 });
});

test("Events and Dead letters say that PostgreSQL is away, and recover without a reload", async () => {
  const options = { isExpected: (line: string) => line.startsWith("Failed to load resource") };
  const [id = ""] = await real.store([{ sessionId: "s", eventType: "t", payload: {} }]);
  const events = await real.open("?view=events", options);
  await events.getByRole("button", { name: id }).waitFor();

  await own.postgres.stop();
  const letters = await real.open("?view=dead-letters", options);
  await letters.getByRole("alert").first().waitFor({ timeout: SAID_MS_MAX });
  await own.postgres.start();

  await letters.getByText("No dead letters").waitFor({ timeout: 60_000 });
  const [later = ""] = await real.store([{ sessionId: "s", eventType: "t", payload: {} }]);
  await events.getByRole("button", { name: later }).waitFor({ timeout: 60_000 });
});

/** A server that hangs: first request without an answer, and how long it may take to show. */
const HANGS = [
  { server: "s3", name: "S3", cause: /Cause: Cannot .*: no answer/ },
  { server: "postgres", name: "PostgreSQL", cause: /Cause: Cannot .*: no answer/ },
  { server: "kafka", name: "Kafka", cause: /Cause: Cannot/ },
] as const;

/** Up to four seconds until a first request, ten until it is said, and the time of a frame. */
const HANG_SAID_MS_MAX = 16_000;

/** A server with its own children: PostgreSQL has one for each connection. */
async function processesOf(pid: number): Promise<number[]> {
  const found = [pid];
  for (const each of await runningProcesses()) {
    if ((await parentOf(each.pid))?.pid === pid) found.push(each.pid);
  }
  return found;
}

test.each(HANGS)(
  "Pipeline and Overview say why and since when $name hangs, and keep that when it is over",
  async ({ server, name, cause }) => {
    const page = await real.open("?view=pipeline");
    const overview = await real.open("");
    const dependency = page.locator(".dependency-item").filter({ hasText: name });
    await dependency.getByText("up", { exact: true }).waitFor();
    const pids = await processesOf(Number(own[server].pid));

    const hungMs = wallNow();
    for (const pid of pids) signalProcess(pid, "SIGSTOP");
    try {
      await dependency.getByText(cause).waitFor({ timeout: HANG_SAID_MS_MAX });
      const since = await dependency.locator("time").first().getAttribute("datetime");
      await overview.getByText(`${name} is down`, { exact: true }).waitFor();
      await overview.getByText(new RegExp(`^${name} is down since .*Cannot`)).waitFor();

      // One frame's read may have been under way.
      expect(Date.parse(String(since)) - hungMs).toBeWithin(-1000, 5000);
    } finally {
      for (const pid of pids) signalProcess(pid, "SIGCONT");
    }

    await dependency.getByText(/^Was down .* to .*: Cannot/).waitFor({ timeout: 60_000 });
    await dependency.getByText("up", { exact: true }).waitFor();
  },
  120_000,
);
