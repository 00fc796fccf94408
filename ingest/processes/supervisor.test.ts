import { silentLog, type Log } from "@tally/shared";
import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { until } from "../testing/faked_ingest.ts";
import { createSupervisor, type SuperviseOptions } from "./supervisor.ts";

const FAKE = join(import.meta.dir, "../testing/fake_worker.ts");

type Behaviour = "well" | "refuses" | "crashes" | "ends" | "hangs" | "stubborn";

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end().catch(() => undefined);
});

interface Entry {
  readonly fields: { readonly [name: string]: unknown };
  readonly text: string;
}

/** A supervisor of workers without servers; the test decides what each of them does. */
function createSupervised(behaviours: Behaviour[], options: Partial<SuperviseOptions> = {}) {
  const entries: Entry[] = [];
  const loops: string[] = [];
  const note = (fields: Entry["fields"], text: string) => void entries.push({ fields, text });
  const log = { ...silentLog(), info: note, warn: note } as unknown as Log;
  const supervisor = createSupervisor({
    processes: behaviours.length,
    command: (worker) => [
      process.execPath,
      FAKE,
      `--worker=${behaviours[worker - 1] ?? "well"}/${worker}`,
    ],
    env: Bun.env,
    stopMsMax: 5000,
    log,
    now: () => performance.now(),
    onLoop: (error) => void loops.push(error.message),
    ...options,
  });
  ends.push(() => supervisor.stop());
  const texts = () => entries.map(({ text }) => text);
  const pidOf = (at: number) => Number(entries[at]?.fields.pid);
  return { supervisor, behaviours, entries, texts, pidOf, loops };
}

function valueOf(text: string, name: string): number {
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
}

describe("start()", () => {
  test("logs one line when every worker listens, and sums what they say", async () => {
    const { supervisor, entries } = createSupervised(["well", "well", "well"]);

    expect(await supervisor.start()).toBe("http://here");

    expect(entries).toEqual([
      { fields: { url: "http://here", processes: 3 }, text: "Ingest started." },
    ]);
    const { health, metrics } = await supervisor.read();
    expect(health).toEqual({ isReady: true, reason: null, isStopping: false, keys: null });
    expect(valueOf(metrics, "ingest_events_accepted_total")).toBe(30);
    expect(valueOf(metrics, "ingest_processes")).toBe(3);
  });

  test("rejects with the worker's own error, and stops the others, when one can't start", async () => {
    const { supervisor, entries } = createSupervised(["well", "refuses"]);

    await expect(supervisor.start()).rejects.toMatchObject({
      code: "config_invalid",
      message: "Cannot listen: the test says so",
    });

    expect(entries).toEqual([]);
  });

  test("rejects when a worker ends without a word", async () => {
    const { supervisor } = createSupervised(["well", "crashes"]);

    await expect(supervisor.start()).rejects.toThrow("it ended with exit code 3");
  });
});

describe("a worker that ends", () => {
  test("is replaced, and what it had counted stays in the sums", async () => {
    const { supervisor, behaviours, texts, entries } = createSupervised(["well", "ends"]);
    await supervisor.start();
    await supervisor.read();
    behaviours[1] = "well";

    await until(() => texts().includes("A process of ingest replaced the one that ended."));

    expect(entries[1]).toMatchObject({
      fields: { worker: 2, how: "exit code 4", pauseMs: 100 },
      text: "A process of ingest ended.",
    });
    const { metrics } = await supervisor.read();
    expect(valueOf(metrics, "ingest_events_accepted_total")).toBe(30);
    expect(valueOf(metrics, "ingest_processes")).toBe(2);
    expect(valueOf(metrics, "ingest_processes_ended_total")).toBe(1);
  });

  test("is killed and replaced when it only stopped answering", async () => {
    const { supervisor, behaviours, texts, entries } = createSupervised(["well", "hangs"], {
      watchIntervalMs: 10,
    });
    await supervisor.start();
    behaviours[1] = "well";

    await until(() => texts().includes("A process of ingest replaced the one that ended."));

    expect(texts().slice(1, 3)).toEqual([
      "A process of ingest stopped answering.",
      "A process of ingest ended.",
    ]);
    expect(entries[2]?.fields).toMatchObject({ worker: 2, how: "SIGKILL" });
  });
});

describe("read()", () => {
  test("leaves out one that does not answer, and is ready when another one is", async () => {
    const { supervisor } = createSupervised(["well", "hangs"]);
    await supervisor.start();

    const { health, metrics } = await supervisor.read();

    expect(health.isReady).toBe(true);
    expect(valueOf(metrics, "ingest_processes")).toBe(1);
  });
});

describe("stop()", () => {
  test("stops every worker and replaces none", async () => {
    const { supervisor, texts } = createSupervised(["well", "well"]);
    await supervisor.start();

    await Promise.all([supervisor.stop(), supervisor.stop()]);

    expect(texts()).toEqual(["Ingest started.", "Ingest stopped."]);
  });

  test("kills a worker that takes too long, and fails", async () => {
    const { supervisor } = createSupervised(["well", "stubborn"], { stopMsMax: 300 });
    await supervisor.start();

    await expect(supervisor.stop()).rejects.toThrow("a process of ingest had to be killed");
  });
});
