import { expect, test } from "bun:test";

import type { Bench } from "../figure.ts";
import { startFrameProbe } from "./frame_delay.ts";
import type { System } from "../../system/system.ts";

test("startFrameProbe() keeps its failure for whoever stops it", async () => {
  const away = { url: "http://127.0.0.1:1" };
  const system = { ingest: away, processors: [away] } as unknown as System;
  const bench = { newName: () => "a", nowMs: () => 0 } as unknown as Bench;

  const probe = startFrameProbe(bench, system);
  const failure = await fetch(away.url).catch((error: unknown) => error); // As the probe's own.

  expect(failure).toBeInstanceOf(Error);
  await expect(probe.stop()).rejects.toThrow();
});
